/**
 * From a mail handed in to its row in SQL and to the live feed. The arrivals keep to a schedule, and a latency is counted
 * from when its mail was due: a system that is slow to take mails in cannot hide it (coordinated omission).
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Instance, startInstance } from '../test/instance.ts';
import { usageOfProcess, watch } from './processes.ts';
import { type Quantiles, quantiles } from './quantiles.ts';

export interface EndToEndOptions {
  /** Mails a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly commit_interval_ms: number;
  readonly sink_linger_ms: number;
  progress(line: string): void;
}

export interface EndToEndResult {
  readonly rate: number;
  readonly mails: number;
  readonly commit_interval_ms: number;
  readonly sink_linger_ms: number;
  /** Milliseconds from when a mail was due until the api had answered, the feed had told it, and a query found it. */
  readonly accepted: Quantiles;
  readonly feed: Quantiles;
  readonly sql: Quantiles;
  /** Between two looks for new rows: the least that a latency to SQL can be told apart by. */
  readonly sql_poll: Quantiles;
  /** Never seen within the time given. */
  readonly lost: { feed: number; sql: number };
  /** Milliseconds of processor time a mail, of each process and of the generator, which is on the same machine. */
  readonly cpu_ms_per_mail: Record<string, number>;
}

type Latencies = Omit<EndToEndResult, 'cpu_ms_per_mail'>;

const warm_up_seconds = 20;
const requests_at_once_max = 256;
const settle_ms_max = 30_000;
/** A latency to SQL is told apart to this; looking more often would take the machine from what is measured. */
const poll_pause_ms = 100;

export async function benchEndToEnd(options: EndToEndOptions): Promise<EndToEndResult> {
  const { commit_interval_ms, sink_linger_ms, rate, seconds } = options;
  process.env.MILLRACE_COMMIT_INTERVAL_MS = String(commit_interval_ms);
  process.env.MILLRACE_SINK_LINGER_MS = String(sink_linger_ms);
  options.progress('starting');
  const instance = await startInstance();
  try {
    const token = await instance.token();
    options.progress(`warming up for ${warm_up_seconds} s`);
    await run(instance, token, 'warm', { ...options, seconds: warm_up_seconds });
    options.progress(`${rate} mails a second for ${seconds} s`);
    const generator_before = usageOfProcess(process.pid)?.cpu_seconds ?? Number.NaN;
    const { result, watched } = await watch(instance.data_dir, () => run(instance, token, 'bench', options));
    const generator = (usageOfProcess(process.pid)?.cpu_seconds ?? Number.NaN) - generator_before;
    const perMail = (cpu_seconds: number): number => Math.round((cpu_seconds * 1e5) / result.mails) / 100;
    const processes = Object.entries(watched.processes).map(([name, { cpu_seconds }]) => [name, perMail(cpu_seconds)]);
    const cpu_ms_per_mail = { ...Object.fromEntries(processes), generator: perMail(generator) };
    return { ...result, cpu_ms_per_mail };
  } finally {
    await instance.stop();
  }
}

async function run(instance: Instance, token: string, name: string, options: EndToEndOptions): Promise<Latencies> {
  const { rate, seconds, commit_interval_ms, sink_linger_ms } = options;
  const mails = rate * seconds;
  const due = new Float64Array(mails);
  const accepted = new Float64Array(mails).fill(Number.NaN);
  const told = new Float64Array(mails).fill(Number.NaN);
  const found = new Float64Array(mails).fill(Number.NaN);
  const messageId = (i: number): string => `<${name}.${i}@bench.example>`;
  const numberOf = (message_id: string): number =>
    Number(
      message_id.startsWith(`<${name}.`) ? message_id.slice(name.length + 2, message_id.indexOf('@')) : Number.NaN,
    );
  const note = (into: Float64Array, message_id: string): void => {
    const i = numberOf(message_id);
    if (Number.isNaN(into[i])) into[i] = performance.now();
  };

  const socket = await follow(instance.url, token, message_id => note(told, message_id));
  const stopping = new AbortController();
  const polls: number[] = [];
  const polling = poll(instance.url, token, name, stopping.signal, polls, message_id => note(found, message_id));

  const began = performance.now();
  const sending = new Set<Promise<void>>();
  for (let i = 0; i < mails; i++) {
    due[i] = began + (i * 1000) / rate;
    const early_ms = (due[i] as number) - performance.now();
    if (early_ms > 1) await sleep(early_ms);
    while (sending.size >= requests_at_once_max) await Promise.race(sending);
    const sent = submit(instance.url, token, messageId(i)).then(() => {
      accepted[i] = performance.now();
      sending.delete(sent);
    });
    sending.add(sent);
  }
  await Promise.all(sending);
  const until_ms = performance.now() + settle_ms_max;
  while (performance.now() < until_ms && (missing(told) > 0 || missing(found) > 0)) await sleep(20);
  stopping.abort();
  await polling;
  socket.close();

  const since = (times: Float64Array): Quantiles =>
    quantiles([...times].flatMap((at, i) => (Number.isNaN(at) ? [] : [at - (due[i] as number)])));
  return {
    rate,
    mails,
    commit_interval_ms,
    sink_linger_ms,
    accepted: since(accepted),
    feed: since(told),
    sql: since(found),
    sql_poll: quantiles(polls),
    lost: { feed: missing(told), sql: missing(found) },
  };
}

const missing = (times: Float64Array): number => times.reduce((count, at) => count + Number(Number.isNaN(at)), 0);

// Half the cost of fetch: the load comes from the machine that is measured.
const agent = new Agent({ keepAlive: true, maxSockets: requests_at_once_max });

async function submit(url: string, token: string, message_id: string): Promise<void> {
  const mail = {
    sender: `person${Math.floor(Math.random() * 500)}@client.example`,
    subject: 'Invoice is wrong',
    content: 'Could you please send me a corrected invoice? The amount does not match what we agreed on in March.',
    message_id,
  };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'respond-async' };
  await new Promise<void>((done, fail) => {
    const outgoing = request(new URL('/api/emails', url), { method: 'POST', headers, agent }, response => {
      response.resume();
      response.on('end', () => (response.statusCode === 202 ? done() : fail(new Error(`HTTP ${response.statusCode}`))));
    });
    outgoing.on('error', fail);
    outgoing.end(JSON.stringify(mail));
  });
}

async function follow(url: string, token: string, told: (message_id: string) => void): Promise<WebSocket> {
  const live = new URL('/live', url);
  live.protocol = 'ws:';
  live.searchParams.set('token', token);
  const socket = new WebSocket(live, 'millrace.v1');
  await new Promise<void>((done, fail) => {
    socket.once('error', fail);
    socket.on('message', data => {
      const message = JSON.parse(String(data)) as { type: string; record?: { message_id: string } };
      if (message.type === 'subscribed') done();
      else if (message.type === 'record') told(message.record?.message_id ?? '');
      else if (message.type === 'gap') throw new Error('the feed left records out');
    });
    socket.once('open', () => socket.send(JSON.stringify({ op: 'subscribe', id: '1', feed: 'emails' })));
  });
  return socket;
}

/** Asks for rows stored since shortly before the last look, again and again. */
async function poll(
  url: string,
  token: string,
  name: string,
  signal: AbortSignal,
  took: number[],
  found: (message_id: string) => void,
): Promise<void> {
  const overlap_seconds = 2;
  let last = performance.now();
  while (!signal.aborted) {
    const query = `SELECT message_id FROM messages
      WHERE stored_at > now64(3) - ${overlap_seconds} AND startsWith(message_id, '<${name}.') FORMAT TSV`;
    const response = await fetch(new URL('/sql', url), {
      method: 'POST',
      body: query,
      headers: { authorization: `Bearer ${token}` },
    });
    for (const line of (await response.text()).split('\n')) if (line !== '') found(line);
    await sleep(poll_pause_ms);
    took.push(performance.now() - last);
    last = performance.now();
  }
}
