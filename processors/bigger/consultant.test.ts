import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MillraceError } from '../../lib/errors.ts';
import { type FakeAnswer, type FakeChat, startFakeChat } from '../../lib/fake-chat.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { drive } from '../../lib/test-driver.ts';
import { sample_organization_id } from '../../schemas/sample.ts';
import { topics } from '../../schemas/topics.ts';
import { enrichMail } from '../enrich-mail.ts';
import { email, lineage, nobody } from '../test-records.ts';
import { openConsultant } from './consultant.ts';
import { biggerSettings } from './settings.ts';

let endpoint: FakeChat;
beforeEach(async () => {
  endpoint = await startFakeChat();
  endpoint.answer('A   short\nword.');
});
afterEach(() => endpoint.close());

const mail = (text = 'words '.repeat(100), more: Partial<typeof lineage> = {}) => ({
  email: email({ text }),
  lineage: { ...lineage, ...more },
});
const open = (more: object = {}, metrics = createMetrics('test')) =>
  openConsultant(biggerSettings.parse({ summaries: { url: endpoint.url, model: 'writer', ...more } }), metrics);
const signal = new AbortController().signal;

describe('summaries', () => {
  it('are written by the endpoint, once a mail, and counted', async () => {
    const metrics = createMetrics('test');
    const { ask } = await open({}, metrics);
    const consulted = await ask(mail(), signal);
    expect(consulted).toEqual({
      ...{ sentiment: null, category: null },
      summary: { text: 'A short word.', model: 'chat:writer', failure: '' },
    });
    expect(endpoint.requests.length).toBe(1);
    expect(await metrics.metrics()).toMatch(
      /^millrace_bigger_model_answers_total\{model="summary",outcome="ok".*\} 1$/m,
    );
  });

  it('are not asked for where they are not worth it', async () => {
    const { ask } = await open();
    const sample = {
      ...mail(),
      email: { ...mail().email, owner: { ...email().owner, organization_id: sample_organization_id } },
    };
    for (const one of [mail('Thanks!'), mail(undefined, { origin: 'backfill' }), sample]) {
      expect((await ask(one, signal)).summary).toBeNull();
    }
    expect(endpoint.requests.length).toBe(0);
    expect(
      (await (await open({ imports: true })).ask(mail(undefined, { origin: 'backfill' }), signal)).summary,
    ).not.toBeNull();
  });

  it.each<[FakeAnswer, string, number]>([
    [{ status: 500 }, 'status', 10_000],
    ['endless', 'too_large', 10_000],
    ['hang', 'timeout', 100],
  ])('fall back where the endpoint answers %j, and the counter says why', async (given, failure, timeout_ms) => {
    endpoint.answer(given);
    const metrics = createMetrics('test');
    const { ask } = await open({ timeout_ms }, metrics);
    expect((await ask(mail(), signal)).summary).toEqual({ text: '', model: 'chat:writer', failure });
    expect(await metrics.metrics()).toContain(`outcome="${failure}"`);
  });

  it('are in the enriched mail, and asked for once however often it is replayed', async () => {
    const { ask, failed, in_flight_max, timeout_ms } = await open();
    const stage = enrichMail(nobody, undefined, { ask, failed, in_flight_max, timeout_ms });
    const answer = await ask(mail(), signal);
    const asked: unknown[] = [];
    const driver = drive(
      [stage],
      new Map([
        [
          stage,
          record => {
            asked.push(record);
            return answer;
          },
        ],
      ]),
    );
    for (let i = 0; i < 3; i++) driver.feed(topics.emailAccepted, mail());
    expect(driver.read(topics.emailEnriched).map(({ summary }) => summary)).toEqual(Array(3).fill('A short word.'));
    expect(asked.length).toBe(1);
  });

  it('name the failure of a mail that was given up as a whole', async () => {
    const { failed } = await open();
    expect(failed(new MillraceError('timeout', 'late')).summary?.failure).toBe('timeout');
    expect(failed(new TypeError('a bug')).summary?.failure).toBe('error');
  });
});

describe('settings', () => {
  const faultOf = (summaries: object): string =>
    biggerSettings.safeParse({ summaries: { model: 'm', ...summaries } }).error?.message ?? '';

  it('send mails over nothing but https, except on this machine', () => {
    for (const fine of [
      'https://models.example/v1',
      'http://localhost:1/v1',
      'http://127.0.0.1:1',
      'http://[::1]:1/v1',
    ]) {
      expect(faultOf({ url: fine })).toBe('');
    }
    for (const open of ['http://models.example/v1', 'http://127.0.0.1.example/', 'http://10.0.0.7:1/v1']) {
      expect(faultOf({ url: open })).toContain('readable on their way');
    }
    expect(faultOf({ url: 'https://user:word@models.example/v1' })).toContain('api_key');
  });

  it('name only sentiments that there are', () => {
    const sentiment = { folder: '/models/big', labels: { POS: 'happy' } };
    expect(biggerSettings.safeParse({ sentiment }).error?.message).toContain('none of negative, neutral and positive');
  });

  it('leave room for the slack in the time of a batch', () => {
    const url = 'https://models.example/v1';
    expect(biggerSettings.safeParse({ summaries: { url, model: 'm', timeout_ms: 60_000 } }).success).toBe(false);
    expect(biggerSettings.safeParse({ summaries: { url, model: 'm', timeout_ms: 59_000 } }).success).toBe(true);
  });
});

it('a folder without a model is said at once', async () => {
  const settings = biggerSettings.parse({ sentiment: { folder: '/nonexistent', labels: { a: 'neutral' } } });
  await expect(openConsultant(settings)).rejects.toMatchObject({ code: 'model_folder' });
});
