/**
 * What the benchmarks of stateful processing share: a broker, an input of known records, contestants that process it, and
 * the proof that they did. How far a contestant is says the broker, by its group's committed offsets.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startKafka } from '../../embedded/kafka/index.ts';
import { type KafkaConfig, openTransactionalProducer, readToEnd } from '../../lib/kafka.ts';
import { createTopics, openOffsetReader, partitionsOf } from '../../lib/kafka-admin.ts';
import { groupOf } from '../../lib/processor.ts';
import { serdeOf } from '../../lib/registry.ts';
import { openRegistry, registerSchemas, registryTopics } from '../../lib/registry-open.ts';
import type { Topic } from '../../lib/topic.ts';
import { usageOfProcess } from '../processes.ts';
import { events, expectedTotals, type InputSize, vocabulary } from './input.ts';
import { Lexicon } from './lexicon.ts';
import { peerClassPath } from './peer.ts';
import { eventTopic, type Scored, scoredTopic, scoring, type Totals } from './topology.ts';
import type { WorkerTask } from './worker.ts';

const user = 'bench';
const password = 'bench';
export const input = 'bench.event';
export const seed = 1;

export interface Arena {
  readonly kafka: KafkaConfig;
  readonly dir: string;
  readonly broker_pid: number;
  readonly size: InputSize;
  stop(): Promise<void>;
}

/** A broker with events in four partitions. */
export async function openArena(dir: string, size: InputSize): Promise<Arena> {
  const broker = await startKafka({
    data_dir: join(dir, 'kafka'),
    user,
    password,
    onExit(error) {
      throw error;
    },
  });
  const kafka: KafkaConfig = {
    brokers: broker.bootstrap,
    replication_factor: 1,
    partitions: 4,
    sasl: { mechanism: 'plain', username: user, password },
  };
  await writeEvents(kafka, input, size);
  return { kafka, dir, broker_pid: broker.pid, size, stop: broker.stop };
}

async function prepare(kafka: KafkaConfig, topics: readonly Topic<never>[]): Promise<void> {
  await createTopics(kafka, [...registryTopics({ kafka }), ...topics]);
  await registerSchemas({ kafka }, topics);
}

/** Makes the topic and writes the events in one transaction. */
export async function writeEvents(kafka: KafkaConfig, name: string, size: InputSize): Promise<void> {
  const topic = eventTopic(name);
  await prepare(kafka, [topic as unknown as Topic<never>]);
  const serde = serdeOf(await openRegistry({ kafka }, [topic]), topic);
  const producer = await openTransactionalProducer(kafka, 'bench.input');
  const at = producer.topicAt(topic.name);
  let written = 0;
  await producer.begin();
  for (const event of events(size, seed)) {
    producer.outbox.put(at, null, event.person, event, serde.write);
    if (++written % 2_000 === 0) await producer.flush();
  }
  await producer.commit();
  await producer.close();
}

export type ContestantName = 'millrace' | 'millrace-2' | 'millrace-plain' | 'kafka-streams';

export interface Contestant {
  readonly name: ContestantName;
  readonly group_id: string;
  readonly output: string;
  pids(): readonly number[];
  /** Starts again what was killed; settles when the processes exist, not when they are ready. */
  restart(): void;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContestantOptions {
  readonly commit_interval_ms: number;
  /** Distinguishes this run's topics, group and state from others'. */
  readonly run: string;
}

export async function startContestant(
  arena: Arena,
  name: ContestantName,
  { commit_interval_ms, run }: ContestantOptions,
): Promise<Contestant> {
  const id = `${name}.${run}`;
  const output = `bench.scored.${id}`;
  const dir = join(arena.dir, id);
  mkdirSync(dir, { recursive: true });
  if (name === 'kafka-streams') {
    await prepare(arena.kafka, [scoredTopic(output) as unknown as Topic<never>]);
    return contestantOf({ name, group_id: id, output }, () => [
      spawnStreams(arena, { id, output, dir, commit_interval_ms }),
    ]);
  }
  const processor = scoring(id, input, output, new Lexicon(new Map()));
  await prepare(arena.kafka, [scoredTopic(output), processor.changelog] as unknown as Topic<never>[]);
  const kafka = { ...arena.kafka, native: name !== 'millrace-plain' };
  return contestantOf({ name, group_id: groupOf(processor), output }, () =>
    Array.from({ length: name === 'millrace-2' ? 2 : 1 }, (_, i) =>
      spawnWorker({
        ...{ kafka, name: id, input, output, instance: String(i), dir: join(dir, String(i)), commit_interval_ms },
      }),
    ),
  );
}

async function contestantOf(
  named: Pick<Contestant, 'name' | 'group_id' | 'output'>,
  spawnAll: () => ChildProcess[],
): Promise<Contestant> {
  let children = spawnAll();
  await Promise.all(children.map(ready));
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await Promise.all(
      children.map(async child => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise(done => child.once('exit', done));
        child.kill(signal);
        await ended;
      }),
    );
  };
  return {
    ...named,
    pids: () => children.map(child => child.pid as number),
    restart() {
      children = spawnAll();
      // Nobody else reads what they say.
      for (const child of children) child.stdout?.resume();
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    child.once('exit', code => fail(new Error(`a contestant ended with code ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', line => {
      if (line === 'ready') done();
    });
  });
}

function spawnWorker(task: WorkerTask): ChildProcess {
  const script = fileURLToPath(new URL('worker.js', import.meta.url));
  return spawn(process.execPath, [script], {
    env: { ...process.env, TASK: JSON.stringify(task) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

interface StreamsTask {
  readonly id: string;
  readonly output: string;
  readonly dir: string;
  readonly commit_interval_ms: number;
}

function spawnStreams({ kafka }: Arena, { id, output, dir, commit_interval_ms }: StreamsTask): ChildProcess {
  const properties = {
    'bootstrap.servers': kafka.brokers,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${password}";`,
    'application.id': id,
    'state.dir': join(dir, 'state'),
    'commit.interval.ms': commit_interval_ms,
    // A thread for each core, as its documentation recommends.
    'num.stream.threads': 2,
    // A restarted member takes its partitions back at once, as ours does.
    'consumer.group.instance.id': id,
    'replication.factor': 1,
  };
  const file = join(dir, 'streams.properties');
  writeFileSync(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const lexicon = join(dir, 'lexicon.tsv');
  writeFileSync(lexicon, [...vocabulary().lexicon].map(([word, score]) => `${word}\t${score}\n`).join(''));
  const args = ['-Xmx1g', '-cp', peerClassPath('kafka-streams'), 'millrace.bench.KafkaStreamsPeer'];
  return spawn('java', [...args, file, input, output, lexicon], { stdio: ['ignore', 'pipe', 'inherit'] });
}

export interface Sample {
  readonly at_ms: number;
  readonly records: number;
  readonly cpu_seconds: number;
  readonly broker_cpu_seconds: number;
  readonly held_bytes: number;
}

const sample_ms = 20;
const stall_ms_max = 60_000;

/** How far the contestant is, again and again until it has committed `records`. Throws after a minute without progress. */
export async function follow(arena: Arena, contestant: Contestant, records: number): Promise<Sample[]> {
  const offsets = await openOffsetReader(arena.kafka);
  const ends = await offsets.ends([input]);
  const samples: Sample[] = [];
  try {
    for (let moved_at_ms = performance.now(); ; ) {
      const committed = await offsets.committed(contestant.group_id, [input]);
      const used = contestant.pids().map(usageOfProcess);
      const sample = {
        at_ms: performance.now(),
        // The input is one transaction: the last offset of each partition is its marker.
        records: [...committed].reduce((sum, [place, next]) => sum + Math.min(next, (ends.get(place) ?? 0) - 1), 0),
        cpu_seconds: used.reduce((sum, one) => sum + (one?.cpu_seconds ?? 0), 0),
        broker_cpu_seconds: usageOfProcess(arena.broker_pid)?.cpu_seconds ?? 0,
        held_bytes: used.reduce((sum, one) => sum + (one?.held_bytes ?? 0), 0),
      };
      if (sample.records !== samples.at(-1)?.records) {
        samples.push(sample);
        moved_at_ms = sample.at_ms;
      }
      if (sample.records >= records) return samples;
      if (sample.at_ms - moved_at_ms > stall_ms_max) {
        throw new Error(`${contestant.name} stands still at ${sample.records} of ${records}`);
      }
      await sleep(sample_ms);
    }
  } finally {
    await offsets.close();
  }
}

/** Throws unless the output has each record once, and every person's last totals are what they must be. */
export async function verify(arena: Arena, contestant: Contestant): Promise<void> {
  const { size } = arena;
  const topic = scoredTopic(contestant.output);
  const serde = serdeOf(await openRegistry({ kafka: arena.kafka }, [topic]), topic);
  const seen = new Set<string>();
  const last = new Map<string, Totals>();
  await readToEnd(arena.kafka, await partitionsOf(arena.kafka, [topic.name]), (batch, i) => {
    // The peer's records have no schema's id: the bytes behind the header are the same.
    const scored = serde.topic.codec.decode(batch.bytes, batch.valueStart(i) + 5, batch.valueEnd(i)) as Scored;
    if (seen.has(scored.event_id)) throw new Error(`${contestant.name}: ${scored.event_id} twice`);
    seen.add(scored.event_id);
    last.set(scored.person, { count: scored.count, total: scored.total });
  });
  if (seen.size !== size.records)
    throw new Error(`${contestant.name}: ${seen.size} outputs for ${size.records} records`);
  for (const [person, expected] of expectedTotals(size, seed)) {
    const found = last.get(person);
    if (found?.count !== expected.count || found.total !== expected.total) {
      throw new Error(`${contestant.name}: ${person} has ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
    }
  }
}
