/** Metrics of a small company whose every number was counted by hand: over a change of clocks, and over the end of a week. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { type Mail, mboxOf } from './questions-company.ts';

interface Values {
  readonly [measure: string]: number | null;
}
interface Section {
  readonly totals: Values;
  readonly series: readonly (Values & { readonly at: string })[];
  readonly previous?: { readonly totals: Values; readonly series: readonly (Values & { readonly at: string })[] };
  readonly change?: Readonly<Record<string, { readonly absolute: number | null; readonly ratio: number | null }>>;
}
interface Metrics extends Section {
  readonly from: string;
  readonly to: string;
  readonly step_s: number | null;
  readonly previous?: Section['previous'] & { readonly from: string; readonly to: string };
  readonly groups?: readonly (Section & { readonly group: string })[];
  readonly other?: Section | null;
}

const organization = 'oak';
const lena = 'lena@maple.example';
const max = 'max@maple.example';
const angry = 'This is terrible. I am furious and very disappointed, the worst service ever.';
const happy = 'I love it, thank you so much. Wonderful work, we are very happy.';

/**
 * Berlin's clocks go from two to three on Sunday, 2025-03-30, which ends a week. In Berlin: Saturday 12:00, Sunday 0:30, Sunday
 * 23:30, Monday 0:30. Answers after an hour and after three.
 */
const support: Mail[] = [
  { id: 'sat', at: '2025-03-29T11:00:00Z', from: 'ann@north.example', subject: 'It fails', text: angry },
  { id: 'sat-a', at: '2025-03-29T12:00:00Z', from: lena, to: 'ann@north.example', subject: 'Re', reply: 'sat' },
  { id: 'sun', at: '2025-03-29T23:30:00Z', from: 'bob@south.example', subject: 'Thanks', text: happy },
  { id: 'late', at: '2025-03-30T21:30:00Z', from: 'ann@north.example', subject: 'Again', text: angry },
  { id: 'late-a', at: '2025-03-31T00:30:00Z', from: lena, to: 'ann@north.example', subject: 'Re', reply: 'late' },
  { id: 'mon', at: '2025-03-30T22:30:00Z', from: 'cid@east.example', subject: 'Hello', text: happy },
];
const sales: Mail[] = [
  { id: 'offer', at: '2025-03-31T09:00:00Z', from: 'dan@west.example', to: max, subject: 'An offer', text: happy },
  { id: 'note', at: '2025-03-31T10:00:00Z', from: max, to: lena, subject: 'A note' },
];
const event = (id: string, type: string, time: string): object => ({
  ...{ specversion: '1.0', id, source: '/app', type, time, data: { email: 'eve@west.example' } },
});
const deal = (id: string, changed_at: string, email: string, outcome: 'won' | 'lost', amount: number): object => ({
  ...{ crm: 'deal', id, changed_at, email, stage: outcome, outcome, amount },
});
/** The second outcome of a person is no first one. */
const lines = [
  event('e1', 'login', '2025-03-29T10:00:00Z'),
  event('e2', 'demo_requested', '2025-03-30T23:00:00Z'),
  event('e3', 'checkout_started', '2025-03-30T23:05:00Z'),
  deal('D1', '2025-03-29T10:00:00Z', 'fay@north.example', 'lost', 100),
  deal('D2', '2025-03-31T10:00:00Z', 'gus@north.example', 'won', 5_000),
  deal('D3', '2025-03-31T11:00:00Z', 'hal@north.example', 'won', 700),
  deal('D1', '2025-03-31T12:00:00Z', 'fay@north.example', 'won', 100),
];

let instance: Instance;
async function metrics(query: string): Promise<Metrics> {
  const answer = await instance.fetch(`/api/metrics?organization_id=${organization}&${query}`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  return JSON.parse(text) as Metrics;
}
const of = (series: readonly Values[], measure: string): unknown[] => series.map(point => point[measure]);

beforeAll(async () => {
  process.env.MILLRACE_DOMAINS = 'maple.example';
  instance = await startInstance();
  const dir = freshDir();
  const load = async (name: string, text: string, flags: readonly string[] = []): Promise<void> => {
    writeFileSync(join(dir, name), text);
    const { code, stderr } = await instance.run(['import', join(dir, name), '--organization', organization, ...flags]);
    expect(code, stderr).toBe(0);
  };
  await load('lena.mbox', mboxOf('support@maple.example', support), [
    ...['--mailbox', 'support@maple.example', '--owner', 'lena', '--team', 'support'],
  ]);
  await load('max.mbox', mboxOf(max, sales), ['--mailbox', max, '--owner', 'max', '--team', 'sales']);
  await load('crm.ndjson', lines.map(line => JSON.stringify(line)).join('\n'));
  await until('every mail', async () => {
    const [row] = await instance.sql<{ mails: number }>('SELECT toUInt32(count()) AS mails FROM messages');
    return row?.mails === support.length + sales.length;
  });
});
afterAll(async () => {
  delete process.env.MILLRACE_DOMAINS;
  expect(await instance?.stop()).toBe(0);
});

const berlin = 'time_zone=Europe/Berlin';

describe('metrics', () => {
  it('of days begin and end with the clocks of the zone', async () => {
    const found = await metrics(
      `${berlin}&interval=day&from=2025-03-29&to=2025-04-01&measures=mails_in,mails_out,mails_internal,senders`,
    );
    expect(found).toMatchObject({
      ...{ from: '2025-03-28T23:00:00.000Z', to: '2025-03-31T22:00:00.000Z', step_s: null, time_zone: 'Europe/Berlin' },
      totals: { emails: 8, mails_in: 5, mails_out: 2, mails_internal: 1, senders: 4, customers: expect.any(Number) },
    });
    expect(found.series.map(({ at }) => at)).toEqual([
      '2025-03-28T23:00:00.000Z',
      '2025-03-29T23:00:00.000Z',
      '2025-03-30T22:00:00.000Z',
    ]);
    expect(of(found.series, 'emails')).toEqual([2, 2, 4]);
    expect(of(found.series, 'senders')).toEqual([1, 2, 2]);
    const utc = await metrics('interval=day&from=2025-03-29&to=2025-04-01');
    expect(of(utc.series, 'emails')).toEqual([3, 2, 3]);
  });

  it('of an hour that the clocks leave out are not there', async () => {
    const { series } = await metrics(`${berlin}&interval=hour&from=2025-03-30&to=2025-03-31`);
    expect(series).toHaveLength(23);
    expect([series[0]?.emails, series[22]?.emails]).toEqual([1, 1]);
  });

  it('of weeks begin on Monday, and stand beside those before', async () => {
    const found = await metrics(
      `${berlin}&interval=week&from=2025-03-31&to=2025-04-07&compare=previous&measures=negative_share,mails_in`,
    );
    expect([found.from, found.to]).toEqual(['2025-03-30T22:00:00.000Z', '2025-04-06T22:00:00.000Z']);
    expect(found.previous).toMatchObject({ from: '2025-03-23T23:00:00.000Z', to: '2025-03-30T22:00:00.000Z' });
    expect([found.totals.emails, found.previous?.totals.emails]).toEqual([4, 4]);
    expect([found.totals.mails_in, found.previous?.totals.mails_in]).toEqual([2, 3]);
    expect(found.previous?.totals.negative_share).toBeCloseTo(2 / 3);
    expect(found.change?.mails_in?.absolute).toBe(-1);
    expect(found.change?.mails_in?.ratio).toBeCloseTo(-1 / 3);
    expect(of(found.previous?.series ?? [], 'mails_in')).toEqual([3]);
  });

  it('know how long customers wait, and who waits still', async () => {
    const found = await metrics(
      `${berlin}&interval=day&from=2025-03-29&to=2025-04-01&group_by=owner&measures=first_responses,first_response_p50_s,first_response_p90_s,questions,unanswered`,
    );
    // Answers after 3,600 s and 10,800 s: the median lies between, and nine tenths of the way is 10,080 s.
    expect(found.totals).toMatchObject({
      ...{ first_responses: 2, first_response_p50_s: 7_200, first_response_p90_s: 10_080, questions: 5, unanswered: 3 },
    });
    expect(of(found.series, 'first_response_p50_s')).toEqual([3_600, null, 10_800]);
    const named = new Map(found.groups?.map(({ group, totals }) => [group, totals]));
    expect(named.get('lena')).toMatchObject({
      emails: 6,
      first_responses: 2,
      first_response_p50_s: 7_200,
      unanswered: 2,
    });
    expect(named.get('max')).toMatchObject({
      emails: 2,
      first_responses: 0,
      first_response_p50_s: null,
      unanswered: 1,
    });
    expect(found.other).toBeNull();
  });

  it('count what happened beside mail, by when it happened', async () => {
    const found = await metrics(
      `${berlin}&interval=day&from=2025-03-29&to=2025-04-01&measures=events,crm_changes,won,lost,won_amount,leads_up`,
    );
    expect(found.totals).toMatchObject({ events: 3, crm_changes: 4, won: 2, lost: 1, won_amount: 5_700 });
    expect(of(found.series, 'events')).toEqual([1, 0, 2]);
    expect(of(found.series, 'won_amount')).toEqual([0, 0, 5_700]);
    // The demo and the checkout half an hour into Monday, which nobody's silence takes back.
    expect([of(found.series, 'leads_up')[0], Number(of(found.series, 'leads_up')[2]) > 0]).toEqual([0, true]);
  });

  it('by group tell the largest, and the rest as one', async () => {
    const found = await metrics(
      `${berlin}&interval=day&from=2025-03-29&to=2025-04-01&group_by=team&groups=1&compare=previous&measures=senders`,
    );
    expect(found.groups?.map(({ group, totals }) => [group, totals.emails, totals.senders])).toEqual([
      ['support', 6, 3],
    ]);
    expect(found.groups?.[0]?.change?.emails).toEqual({ absolute: 6, ratio: null });
    expect(of(found.groups?.[0]?.series ?? [], 'emails')).toEqual([2, 2, 2]);
    expect(found.other?.totals).toMatchObject({ emails: 2, senders: 1 });
    const moods = await metrics('from=2025-03-29&to=2025-04-01&group_by=sentiment');
    expect(moods.groups?.map(({ group }) => group).sort()).toEqual(['negative', 'neutral', 'positive']);
    expect(moods.groups?.reduce((sum, { totals }) => sum + Number(totals.emails), 0)).toBe(8);
  });

  it('refuse what has no answer, by name', async () => {
    const faults = async (query: string): Promise<string[]> => {
      const answer = await instance.fetch(`/api/metrics?${query}`);
      expect(answer.status, query).toBe(400);
      return ((await answer.json()) as { faults: { field: string }[] }).faults.map(({ field }) => field);
    };
    expect(await faults('time_zone=Europe/Atlantis')).toEqual(['time_zone']);
    expect(await faults('interval=day&step_s=60')).toEqual(['interval']);
    expect(await faults('group_by=sentiment&measures=events')).toEqual(['group_by']);
    expect(await faults('interval=hour&from=2000-01-01&to=2025-01-01')).toEqual(['interval']);
    expect(await faults('measures=emails,everything')).toEqual(['measures']);
    expect(await faults('groups=3')).toEqual(['groups']);
    expect(await faults('from=1800-01-01')).toEqual(['from']);
  });
});
