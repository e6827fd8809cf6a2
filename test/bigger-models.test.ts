/**
 * Bigger models in a running pipeline: a language model behind a real endpoint, and an ONNX model in a process of its own. Whatever
 * happens to them, every mail is stored once, says who understood it, and is paid for once.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeChat, startFakeChat } from '../lib/fake-chat.ts';
import { openTextClassifier } from '../lib/text-classifier.ts';
import { skipped_without, test_runtime, writeTinyModel } from '../lib/tiny-onnx.ts';
import type { Topic } from '../lib/topic.ts';
import { openConsultant } from '../processors/bigger/consultant.ts';
import { biggerSettings } from '../processors/bigger/settings.ts';
import { enrichMail } from '../processors/enrich-mail.ts';
import { email, lineage, nobody } from '../processors/test-records.ts';
import { topics } from '../schemas/topics.ts';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { type Rig, startRig } from './processor-rig.ts';

const isInstalled = test_runtime !== undefined;
const dir = freshDir();
let endpoint: FakeChat;

/** How often each mail was asked about, by the number in its subject. */
function asked(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { body } of endpoint.requests) {
    const number = /Subject: Mail (\w+)/.exec(body)?.[1] ?? 'none';
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

describe('the pipeline with an endpoint for summaries', () => {
  let instance: Instance;

  beforeAll(async () => {
    endpoint = await startFakeChat();
    const config = join(dir, 'millrace.yaml');
    const summaries = '{imports: true, text_chars_min: 0, timeout_ms: 5000}';
    const labels = '{NEG: negative, NEU: neutral, POS: positive}';
    const sentiment = isInstalled ? `  sentiment: {folder: '${join(dir, 'tiny')}', labels: ${labels}}\n` : '';
    writeTinyModel(join(dir, 'tiny'));
    const runtime = isInstalled ? `  runtime: '${test_runtime}'\n` : '';
    writeFileSync(config, `models:\n  summaries: ${summaries}\n${runtime}${sentiment}`);
    instance = await startInstance({
      args: ['--config', config],
      env: {
        MILLRACE_SUMMARY_URL: endpoint.url,
        MILLRACE_SUMMARY_MODEL: 'writer',
        MILLRACE_SUMMARY_API_KEY: 'sesame-of-the-test',
      },
    });
  });
  afterAll(async () => {
    await instance?.stop();
    await endpoint?.close();
  });

  const written = (name: string, count: number, text = 'What a splendid answer.'): string => {
    const mails = Array.from({ length: count }, (_, i) =>
      [
        'From sender@example.com Mon Jan 01 10:00:00 2024',
        ...[`Message-ID: <${name}.${i}@example.com>`, 'From: Ann <ann@client.example>', 'To: us@company.example'],
        ...[`Subject: Mail ${name}${i}`, 'Date: Mon, 01 Jan 2024 10:00:00 +0000', '', text, '', ''],
      ].join('\n'),
    );
    const file = join(dir, `${name}.mbox`);
    writeFileSync(file, mails.join('\n'));
    return file;
  };
  interface Row {
    number: string;
    summary: string;
    sentiment: string;
    by: Record<string, string>;
  }
  /** Asked over HTTP: a command takes longer than what is to be seen. */
  async function rows(name: string): Promise<Row[]> {
    const body = `SELECT substring(subject, 6) AS number, summary, sentiment, models AS by
      FROM messages WHERE subject LIKE 'Mail ${name}%' FORMAT JSONEachRow`;
    const answer = await instance.fetch('/sql', { method: 'POST', body });
    const lines = await answer.text();
    if (answer.status !== 200) throw new Error(lines);
    return lines
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
  }

  it('has the endpoint’s words in each row, and names who wrote them', async () => {
    endpoint.answer('The customer\nis delighted.');
    await instance.json(['import', written('a', 40)]);
    const found = await rows('a');
    expect(found.length).toBe(40);
    expect(new Set(found.map(({ summary }) => summary))).toEqual(new Set(['The customer is delighted.']));
    expect(found[0]?.by.summary).toBe('chat:writer');
    expect([...asked().values()]).toEqual(Array(40).fill(1));
    expect(endpoint.requests[0]?.authorization).toBe('Bearer sesame-of-the-test');
  });

  it.skipIf(!isInstalled)(`has the ONNX model’s sentiment (${skipped_without})`, async () => {
    const [praise] = await rows('a');
    expect(praise?.sentiment).toBe('positive');
    expect(praise?.by.sentiment).toMatch(/^onnx:tiny\.[0-9a-f]{8}$/);
    // None of ours would call it so.
    await instance.json(['import', written('tone', 1, 'The dreadful invoice, dreadful.')]);
    expect((await rows('tone'))[0]?.sentiment).toBe('negative');
  });

  it('asks about no committed mail again after kill -9, and stores each once', async () => {
    // Four rounds of 16 are a batch: what is killed is in the second one or the third.
    endpoint.answer('Slow words.', 1_000);
    const file = written('k', 200);
    const importing = instance.json(['import', file]).catch(() => undefined);
    await until('some to be stored', async () => (await rows('k')).length >= 20);
    const committed = (await rows('k')).map(({ number }) => number);
    expect(committed.length).toBeLessThan(200);
    process.kill(instance.pid('process'), 'SIGKILL');
    await importing;
    await until('all to be stored', async () => (await rows('k')).length === 200);
    const found = await rows('k');
    expect(new Set(found.map(({ number }) => number)).size).toBe(200);
    expect(found.every(({ summary }) => summary === 'Slow words.')).toBe(true);
    const counts = asked();
    expect(committed.map(number => counts.get(number))).toEqual(committed.map(() => 1));
    // Those that were being asked about may cost twice.
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(2);
  });

  it('goes on when the endpoint is gone, and says so in each row', async () => {
    await endpoint.close();
    await instance.json(['import', written('g', 30)]);
    const found = await rows('g');
    expect(found.length).toBe(30);
    for (const { by } of found) expect(by.summary).toMatch(/ \(fallback: (unreachable|resting)\)$/);
    expect(found.some(({ by }) => by.summary?.includes('resting'))).toBe(true);
    expect((await instance.run(['reconcile'])).code).toBe(0);
  });

  it('never says the key', async () => {
    expect(instance.said()).not.toContain('sesame');
    expect(readFileSync(join(instance.data_dir, 'logs', 'process.log'), 'utf8')).not.toContain('sesame');
  });
});

describe('the enrichment on a broker', () => {
  let rig: Rig;
  beforeAll(async () => {
    endpoint = await startFakeChat();
    rig = await startRig();
  });
  afterAll(async () => {
    await rig?.stop();
    await endpoint?.close();
  });

  it('holds nothing up while it asks; read again from the beginning it asks nobody and says the same', async () => {
    const summaries = { url: endpoint.url, model: 'writer', text_chars_min: 0, timeout_ms: 5_000 };
    const consultant = await openConsultant(biggerSettings.parse({ summaries, in_flight_max: 2 }));
    const stage = enrichMail(nobody, undefined, consultant);
    const made = [topics.emailAccepted, topics.emailEnriched, topics.learnt, stage.changelog as Topic<unknown>];
    await rig.createTopics(made as never);
    const mail = (i: number) => ({
      email: email({ email_id: `mail-${i}`, subject: `Mail ${i}`, text: 'Hello.' }),
      lineage,
    });
    const count = 16;
    const mails = Array.from({ length: count }, (_, i) => mail(i));

    // Two at a time, a second each: batches of eight, four seconds each.
    endpoint.answer('First words.', 1_000);
    // Left alone, a transaction would be open for nearly as long as the next batch takes.
    const first = await rig.start(stage, 'a', 3_500);
    await rig.send(topics.emailAccepted, mails);
    const written = (least: number) =>
      until(`${least} outputs`, async () => (await rig.read(topics.emailEnriched)).length >= least);
    // What the first batch made can be read while the next is asked about.
    await written(1);
    expect(endpoint.requests.length).toBeLessThan(count);
    await written(count);
    await first.stop();
    expect([...asked().values()]).toEqual(Array(count).fill(1));

    endpoint.answer('Other words.');
    const admin = new Kafka({ brokers: [rig.kafka.brokers], logLevel: 0 }).admin();
    await admin.connect();
    // Until the broker holds the stopped member for gone, it refuses.
    await until('the group to be gone', async () =>
      admin.deleteGroups([`millrace.${stage.definition.name}`]).then(() => true),
    );
    await admin.disconnect();
    const again = await rig.start(stage, 'elsewhere');
    await written(2 * count);
    await again.stop();
    expect(endpoint.requests.length).toBe(count);
    const found = await rig.read(topics.emailEnriched);
    expect(new Set(found.map(({ summary }) => summary))).toEqual(new Set(['First words.']));
  });
});

describe.skipIf(!isInstalled)(`an ONNX model in its process (${skipped_without})`, () => {
  const folder = join(dir, 'classifier');
  const options = { folder, device: 'cpu', dtype: 'fp32', batch: 4, runtime: test_runtime } as const;
  const { signal } = new AbortController();
  beforeAll(() => {
    mkdirSync(folder);
    writeTinyModel(folder);
  });

  it('answers many at once, each his own', async () => {
    const { classify, close, labels } = await openTextClassifier(options);
    try {
      expect(labels).toEqual(['NEG', 'NEU', 'POS']);
      const texts = Array.from({ length: 30 }, (_, i) => 'splendid '.repeat(i % 3));
      const scores = await Promise.all(texts.map(text => classify(text, signal)));
      expect(scores.map(({ POS = 0 }) => POS > 0.5)).toEqual(texts.map(text => text !== ''));
    } finally {
      close();
    }
  });

  it('is started again when it was killed', async () => {
    const { classify, close } = await openTextClassifier(options);
    close();
    try {
      await until('an answer', async () => ((await classify('splendid', signal)).POS ?? 0) > 0.5);
    } finally {
      close();
    }
  });
});
