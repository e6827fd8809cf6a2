/** The dead-letter workbench through its commands: bad records of several kinds are mended and replayed, each once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import rdkafka from 'node-rdkafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaConfig, openTransactionalProducer } from '../lib/kafka.ts';
import { topics } from '../schemas/topics.ts';
import { buildOf } from './faults/broken.ts';
import { controls } from './faults/passes.ts';
import { freshDir, type Instance, startInstance, until } from './instance.ts';

interface SourceRow {
  source: string;
  read: number;
  stored: number;
  duplicate: number;
  dead_letter: number;
  balanced: boolean;
}

const files = freshDir();
let instance: Instance;

beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

function write(name: string, content: string): string {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
}

async function imported(name: string, content: string): Promise<SourceRow> {
  const { sources } = await instance.json<{ sources: SourceRow[] }>(['import', write(name, content)]);
  return sources[0] as SourceRow;
}

async function lettersOf(source: string): Promise<string[]> {
  const rows = await instance.sql<{ id: string }>(
    `SELECT dead_letter_id AS id FROM dead_letters WHERE source = '${source}' ORDER BY sequence`,
  );
  return rows.map(({ id }) => id);
}

async function counts(): Promise<Record<string, number>> {
  const [row] = await instance.sql<Record<string, number>>(
    `SELECT (SELECT count() FROM interactions) AS interactions, (SELECT count() FROM messages) AS messages,
      (SELECT count() FROM duplicates) AS duplicates, (SELECT count() FROM dead_letters) AS dead_letters,
      (SELECT count() FROM replays) AS replays`,
  );
  return row as Record<string, number>;
}

const event = (id: string): string =>
  `{"specversion": "1.0", "id": ${id}, "source": "/app", "type": "login", "data": {"email": "ada@acme.example"}}`;

describe('what came from outside', () => {
  let ids: string[];
  const quoted = 's/"id": (\\d+)/"id": "e$1"/';

  beforeAll(async () => {
    const row = await imported('bad.ndjson', [event('1'), event('"good"'), event('2,'), 'nonsense'].join('\n'));
    expect(row).toMatchObject({ read: 4, stored: 1, dead_letter: 3, balanced: true });
    ids = await lettersOf(row.source);
  });

  it('is previewed as a diff, and nothing is written', async () => {
    const before = await counts();
    const { stdout, code } = await instance.run(['dlq', 'fix', ids[0] as string, '--replace', quoted]);
    expect(stdout).toContain('would be accepted, as a record of event.received.v1');
    expect(stdout).toContain(`  -${event('1')}\n  +${event('"e1"')}\n`);
    expect(code).toBe(0);
    const unmended = await instance.run(['dlq', 'fix', ids[2] as string]);
    expect(unmended).toMatchObject({ code: 1, stdout: expect.stringContaining('would still be refused: json: ') });
    expect(await counts()).toEqual(before);
  });

  it('stays as it is where it would be refused again', async () => {
    const before = await counts();
    const { stdout, stderr, code } = await instance.run(['dlq', 'replay', ids[0] as string]);
    expect(stdout).toBe('replayed 0 = stored 0\nrefused 1, which stay as they are\n');
    expect(stderr).toContain('schema: id');
    expect(code).toBe(1);
    expect(await counts()).toEqual(before);
  });

  it('is replayed once, however often it is asked for', async () => {
    const args = ['dlq', 'replay', ids[0] as string, '--replace', quoted];
    expect(await instance.run(args)).toMatchObject({ code: 0, stdout: 'replayed 1 = stored 1\n' });
    const before = await counts();
    for (const again of [args, ['dlq', 'replay', ids[0] as string]]) {
      const { code, stdout } = await instance.run(again);
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'replayed 0 = stored 0\nalready replayed 1\n' });
    }
    const body = JSON.stringify({ letters: [{ id: ids[0] }, { id: ids[0] }] });
    const post = () => instance.fetch('/api/dead-letters/replay', { method: 'POST', body });
    expect((await Promise.all([post(), post()])).map(({ status }) => status)).toEqual([200, 200]);
    expect(await counts()).toEqual(before);
    const shown = await instance.json<Record<string, unknown>>(['dlq', 'show', ids[0] as string]);
    expect(shown).toMatchObject({ replay_end: 'stored', replayed_at: expect.any(String) });
  });

  it('is known again by its id where it had come meanwhile', async () => {
    const replay = ['dlq', 'replay', ids[1] as string, '--replace', 's/2,/"good"/'];
    expect(await instance.run(replay)).toMatchObject({ code: 0, stdout: 'replayed 1 = stored 0 + duplicate 1\n' });
  });

  it('is asked for by two at the same time and replayed once', async () => {
    const bytes_base64 = Buffer.from(event('"e3"')).toString('base64');
    const body = JSON.stringify({ letters: [{ id: ids[2], bytes_base64 }] });
    const post = async () => {
      const answer = await instance.fetch('/api/dead-letters/replay', { method: 'POST', body });
      return ((await answer.json()) as { items: { status: string }[] }).items[0]?.status;
    };
    expect((await Promise.all([post(), post(), post()])).sort()).toEqual([
      'already_replayed',
      'already_replayed',
      'replayed',
    ]);
  });

  it('is a mail, or the row of a table', async () => {
    const mbox = 'From a@example.com Mon Jan 01 10:00:00 2024\nX-Nothing: known\n\nHello\n\n';
    const [mail] = await lettersOf((await imported('none.mbox', mbox)).source);
    const kept = join(files, 'mended.eml');
    const fix = ['dlq', 'fix', mail as string, '--replace', 's/^/From: ann@acme.example\\n/', '--out', kept];
    expect((await instance.run(fix)).code).toBe(0);
    expect(readFileSync(kept, 'utf8')).toMatch(/^From: ann@acme.example\nX-Nothing/);
    expect(await instance.run(['dlq', 'replay', mail as string, '--file', kept])).toMatchObject({
      stdout: 'replayed 1 = stored 1\n',
    });

    const csv = 'Record ID,Deal Name,Deal Stage,Amount\n1,One,open,5\n2,Two,open,x\n';
    const [row] = await lettersOf((await imported('deals.csv', csv)).source);
    expect(await instance.run(['dlq', 'replay', row as string, '--replace', 's/x$/7/'])).toMatchObject({
      stdout: 'replayed 1 = stored 1\n',
    });
    const found = await instance.sql("SELECT amount FROM interactions WHERE kind = 'crm' ORDER BY amount");
    expect(found).toEqual([{ amount: 5 }, { amount: 7 }]);
  });

  it('is as large as a mail may be', async () => {
    const mbox = `From a@example.com Mon Jan 01 10:00:00 2024\nX-Nothing: known\n\n${'Hello again. '.repeat(1_800_000)}\n\n`;
    const [mail] = await lettersOf((await imported('large.mbox', mbox)).source);
    const replay = ['dlq', 'replay', mail as string, '--replace', 's/^/From: bob@acme.example\n/'];
    expect((await instance.run(replay)).stdout).toBe('replayed 1 = stored 1\n');
  });

  it('is named, and mended, in a way that makes sense', async () => {
    for (const args of [[], ['--cause', 'x', 'id'], ['id', '--replace', 'nonsense'], ['id', '--file', '/nowhere/x']]) {
      for (const command of ['fix', 'replay']) {
        expect((await instance.run(['dlq', command, ...args])).code, args.join(' ')).toBe(2);
      }
    }
    const many = ['dlq', 'fix', ...ids, '--file', write('one.json', event('"x"'))];
    expect(await instance.run(many)).toMatchObject({ code: 2, stderr: expect.stringContaining('for one dead letter') });
    expect(await instance.run(['dlq', 'replay', 'nobody/1'])).toMatchObject({ code: 1 });
  });

  it('is listed with how many were replayed, and all adds up', async () => {
    const causes = await instance.json<{ cause: string; count: number; replayed: number }[]>(['dlq', 'list']);
    expect(causes.find(({ cause }) => cause === 'schema')).toMatchObject({ count: 1, replayed: 1 });
    expect(await instance.run(['reconcile'])).toMatchObject({ code: 0 });
    const { sources } = await instance.json<{ sources: SourceRow[] }>(['reconcile']);
    expect(sources.find(({ source }) => source === 'replay')).toMatchObject({
      ...{ read: 6, stored: 5, duplicate: 1, dead_letter: 0, balanced: true },
    });
  });
});

describe('what could not be read from a topic', () => {
  const record = {
    event_id: 'from-a-topic',
    owner: { organization_id: 'default', mailbox: '', owner_id: '', team_id: '' },
    name: 'login',
    person_email: 'eve@acme.example',
    occurred_at_ms: 1_700_000_000_000,
    received_at_ms: 1_700_000_000_000,
    data: '{}',
  };
  let kafka: KafkaConfig;

  beforeAll(async () => {
    const read = (name: string) => JSON.parse(readFileSync(join(instance.data_dir, name), 'utf8'));
    const sasl = { mechanism: 'plain', username: 'millrace', password: read('secrets.json').kafka } as const;
    kafka = { brokers: read('run.json').kafka, replication_factor: 1, sasl };
    const producer = await openTransactionalProducer(kafka, 'test.foreign');
    await producer.begin();
    producer.produce(topics.eventReceived.name, null, 'a-key', Buffer.from('no record'));
    producer.produce(topics.emailEnriched.name, null, 'a-key', Buffer.from('no record'));
    producer.produce(topics.customerUpdated.name, null, 'a-key', Buffer.from('no record'));
    await producer.commit();
    await producer.close();
  });

  const letterOf = (topic: string, stages: number): Promise<string> =>
    until(`the dead letters of ${topic}`, async () => {
      const [row] = await instance.sql<{ id: string; stages: number }>(
        `SELECT dead_letter_id AS id, uniqExact(stage) AS stages FROM dead_letters WHERE topic = '${topic}' GROUP BY id`,
      );
      return row?.stages === stages ? row.id : null;
    });

  it('keeps its key, and its context under the names of Kafka Connect', async () => {
    const id = await letterOf('event.received.v1', 1);
    const shown = await instance.json<Record<string, unknown>>(['dlq', 'show', id]);
    expect(shown).toMatchObject({ stage: 'deduplicate', original_key: 'a-key', topic: 'event.received.v1' });
    expect((await headersOf(kafka)).find(headers => headers['__connect.errors.topic'] === 'event.received.v1')).toEqual(
      {
        '__connect.errors.topic': 'event.received.v1',
        '__connect.errors.partition': '0',
        '__connect.errors.offset': String(shown.offset),
        '__connect.errors.connector.name': 'deduplicate',
        '__connect.errors.stage': 'deduplicate',
        '__connect.errors.exception.class.name': 'avro.framing',
        '__connect.errors.exception.message': shown.message,
      },
    );
  });

  it('is replayed into it from JSON', async () => {
    const id = await letterOf('event.received.v1', 1);
    const file = write('event.json', JSON.stringify(record));
    const { stdout, code } = await instance.run(['dlq', 'fix', id, '--file', file, '--replay']);
    expect(stdout).toContain('would be accepted, as a record of event.received.v1');
    expect(stdout).toContain('replayed 1 = stored 1\n');
    expect(code).toBe(0);
    const rows = await instance.sql("SELECT person_id, source FROM interactions WHERE record_id = 'from-a-topic'");
    expect(rows).toEqual([{ person_id: 'eve@acme.example', source: 'replay' }]);
    expect((await instance.run(['dlq', 'replay', id])).stdout).toContain('already replayed 1');
  });

  it('is refused, with the reason, where its record ends as nothing', async () => {
    const { stderr, code } = await instance.run(['dlq', 'replay', await letterOf('customer.updated.v1', 1)]);
    expect(stderr).toContain('customer.updated.v1 do not end as anything that is counted');
    expect(code).toBe(1);
  });

  it('is told to whoever may read, and replayed for administrators alone', async () => {
    const headers = { authorization: `Bearer ${await instance.token('manager')}` };
    for (const action of ['preview', 'replay']) {
      const post = (body: string, init = {}) =>
        instance.fetch(`/api/dead-letters/${action}`, { method: 'POST', body, ...init });
      expect((await post('{"letters": [{"id": "x/1"}]}', { headers })).status).toBe(403);
      expect((await post('{"letters": [{"id": "x/1"}]}')).status).toBe(404);
      expect((await post('{"letters": []}')).status).toBe(400);
      expect((await post('{"letters": [{"id": "x/1", "bytes": ""}]}')).status).toBe(400);
      expect((await post('nonsense')).headers.get('content-type')).toContain('problem+json');
    }
  });
});

describe('kill -9 of ingest in the middle of a replay', () => {
  const count = 600;

  it('and again until all are through: each is there once', async () => {
    const lines = Array.from({ length: count }, (_, i) => event(String(1_000 + i)));
    const { source, dead_letter } = await imported('many.ndjson', lines.join('\n'));
    expect(dead_letter).toBe(count);
    const replay = ['dlq', 'replay', '--source', source, '--replace', 's/"id": (\\d+)/"id": "m$1"/'];
    const replayed = async (): Promise<number> => {
      const [row] = await instance.sql<{ n: number }>(
        `SELECT count() AS n FROM replays WHERE startsWith(dead_letter_id, '${source}/')`,
      );
      return row?.n ?? 0;
    };

    for (let kills = 0; kills < 2; kills++) {
      const before = await replayed();
      const running = instance.run(replay);
      await until('the replay to be under way', async () => (await replayed()) > before);
      process.kill(instance.pid('ingest'), 'SIGKILL');
      expect((await running).code).toBe(1);
      await until('ingest to be back', async () => (await instance.fetch('/ready')).status === 200);
      // Killed after the end it would prove nothing.
      expect(await replayed()).toBeLessThan(count);
    }

    const { stdout, code } = await instance.run(replay);
    expect(code, stdout).toBe(0);
    const [, rest = '0', already = '0'] = /^replayed (\d+) = stored \1\nalready replayed (\d+)\n$/.exec(stdout) ?? [];
    expect(Number(rest) + Number(already)).toBe(count);
    expect(Number(already)).toBeGreaterThan(0);
    expect((await instance.run(replay)).stdout).toBe(`replayed 0 = stored 0\nalready replayed ${count}\n`);

    const [found] = await instance.sql<Record<string, number>>(
      `SELECT count() AS n, uniqExact(record_id) AS ids, uniqExact(sequence) AS numbers FROM interactions
      WHERE source = 'replay' AND (organization_id, sequence) IN
        (SELECT replay_organization_id, replay_sequence FROM replays WHERE startsWith(dead_letter_id, '${source}/'))`,
    );
    expect(found).toEqual({ n: count, ids: count, numbers: count });
    const [marks] = await instance.sql<Record<string, number>>(
      `SELECT count() AS n, uniqExact(dead_letter_id) AS letters, countIf(\`end\` = 'stored') AS stored
      FROM replayed_letters WHERE startsWith(dead_letter_id, '${source}/')`,
    );
    expect(marks).toEqual({ n: count, letters: count, stored: count });
    expect(await instance.run(['reconcile'])).toMatchObject({ code: 0 });
  });
});

describe('kill -9 of ingest behind the answer', () => {
  /** Replays some, kills ingest at once, asks again: what became of them the second time. */
  async function askedAgain(on: Instance): Promise<string[]> {
    const file = write('twice.ndjson', Array.from({ length: 20 }, (_, i) => event(String(5_000 + i))).join('\n'));
    await on.json(['import', file]);
    const rows = await on.sql<{ id: string }>(
      "SELECT dead_letter_id AS id FROM dead_letters WHERE source LIKE '%twice%'",
    );
    const letters = rows.map(({ id }, i) => ({ id, bytes_base64: Buffer.from(event(`"t${i}"`)).toString('base64') }));
    const replay = async (): Promise<string[] | null> => {
      const answer = await on.fetch('/api/dead-letters/replay', { method: 'POST', body: JSON.stringify({ letters }) });
      if (answer.status !== 200) return null;
      return ((await answer.json()) as { items: { status: string }[] }).items.map(({ status }) => status);
    };
    expect(new Set(await replay())).toEqual(new Set(['replayed']));
    process.kill(on.pid('ingest'), 'SIGKILL');
    return until('ingest to be back', replay);
  }

  it('leaves what was answered replayed', async () => {
    expect(new Set(await askedAgain(instance))).toEqual(new Set(['already_replayed']));
  });

  it.runIf(controls)(
    'is survived twice by a build that writes its marks later',
    async () => {
      const broken = await startInstance({ root: buildOf('marks-behind-their-records') });
      try {
        expect(await askedAgain(broken)).toContain('replayed');
      } finally {
        await broken.stop();
      }
    },
    180_000,
  );
});

/** Of every dead letter, by a client that shows headers. */
function headersOf({ brokers, sasl }: KafkaConfig): Promise<Record<string, string>[]> {
  const consumer = new rdkafka.KafkaConsumer(
    {
      'metadata.broker.list': brokers,
      'group.id': 'test.headers',
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanism': 'PLAIN',
      'sasl.username': sasl?.username ?? '',
      'sasl.password': sasl?.password ?? '',
      'enable.partition.eof': true,
    },
    {},
  );
  const seen: Record<string, string>[] = [];
  return new Promise((done, fail) => {
    consumer.on('data', ({ headers }) => {
      const pairs = (headers ?? []).flatMap(header => Object.entries(header));
      seen.push(Object.fromEntries(pairs.map(([name, value]) => [name, String(value)])));
    });
    consumer.on('partition.eof', () => consumer.disconnect(() => done(seen)));
    consumer.on('event.error', fail);
    consumer.on('ready', () => {
      consumer.assign([{ topic: topics.deadLetter.name, partition: 0, offset: 0 }]);
      consumer.consume();
    });
    consumer.connect({}, error => error && fail(error));
  });
}
