/** Every panel's SQL against the sample company, as Grafana sends it; and numbers counted again by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboards } from '../dashboards/index.ts';
import { sampleExpectation } from '../ingest/sample/index.ts';
import { expand, type Values } from '../lib/panel-macros.ts';
import { type Instance, startInstance, until } from './instance.ts';

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly rawSql: string }[];
  readonly fieldConfig?: { readonly overrides?: readonly { matcher: { options: string } }[] };
}
interface File {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: { readonly rawSql: string };
    }[];
  };
}
interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
}

/** On the sample company these may have nothing to show: it is history, and it is all read in a few seconds. */
const may_be_empty = new Set([
  'The last hour, minute by minute',
  'Accounts that turned negative',
  'Late records',
  'Metric windows',
]);

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const to_ms = Math.ceil(Date.now() / hour_ms) * hour_ms + hour_ms;
// The rollup counts whole hours, and so does what it is compared with.
const range = { from_ms: to_ms - 32 * day_ms, to_ms, interval_ms: day_ms };
const everything: Record<string, Values> = {
  organization: 'all',
  team: 'all',
  mailbox: 'all',
  category: 'all',
  time_zone: ['UTC'],
};
const some: Record<string, Values> = {
  organization: ['sample', "it's another"],
  team: ['support', 'sales'],
  mailbox: ['support@harbourline.example'],
  category: ['support', 'other'],
  time_zone: ['Europe/London'],
};

const read = (name: string): File => JSON.parse(readFileSync(join('dashboards/out', `${name}.json`), 'utf8'));
const files = dashboards.map(({ name }) => ({ name, file: read(name) }));
const cases = files.flatMap(({ name, file }) =>
  file.panels.flatMap(panel =>
    (panel.targets ?? []).map(({ rawSql }) => ({ name, panel, title: panel.title, rawSql })),
  ),
);

let instance: Instance;
let token: string;

beforeAll(async () => {
  instance = await startInstance({ sample: true });
  token = await instance.token();
  await until('the sample company', async () => {
    const { sources } = await instance.json<{ sources: { done: boolean; in_flight: number }[] }>(['reconcile']);
    return sources[0]?.done === true && sources[0].in_flight === 0;
  });
  // The scores are told after the rows that reconciliation counts.
  await until('the scores', async () => {
    const [row] = await rows<{ missing: number }>(
      "SELECT uniqExact(i.interaction_id) - (SELECT uniqExact(caused_by) FROM lead_scores) AS missing FROM interactions AS i WHERE person_id != ''",
    );
    return row?.missing === 0;
  });
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

/** As the data source asks: by HTTP, with a limit of its own on every query. */
async function ask(sql: string): Promise<Answer> {
  const url = new URL('/sql?max_execution_time=60&default_format=JSONCompact', instance.url);
  const answer = await fetch(url, { method: 'POST', body: sql, headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${text}\n${sql}`);
  return JSON.parse(text);
}

async function rows<T>(sql: string): Promise<T[]> {
  const { meta, data } = await ask(sql);
  return data.map(row => Object.fromEntries(meta.map(({ name }, index) => [name, row[index]])) as T);
}

function panelSql(title: string): string {
  const found = cases.find(each => each.title === title);
  if (!found) throw new Error(`no panel ${title}`);
  return found.rawSql;
}
const shown = <T = Record<string, number>>(title: string, variables = everything): Promise<T[]> =>
  rows<T>(expand(panelSql(title), range, new Map(Object.entries(variables))));

const isNumber = (type: string): boolean => /^(Nullable\()?U?(Int|Float)\d+/.test(type);
const isText = (type: string): boolean => /String/.test(type);

describe.each(cases)('$name: $title', ({ panel, rawSql, title }) => {
  it('is answered in the form that it draws', async () => {
    const { meta, data } = await ask(expand(rawSql, range, new Map(Object.entries(everything))));
    const columns = meta.map(column => column.name);
    for (const { matcher } of panel.fieldConfig?.overrides ?? [])
      if (panel.type === 'table') expect(columns).toContain(matcher.options);
    const numbers = meta.flatMap(({ type }, index) => (isNumber(type) ? [index] : []));
    if (panel.type === 'timeseries') {
      expect(meta[0]).toEqual({ name: 'time', type: expect.stringMatching(/^DateTime/) });
      expect(numbers.length).toBeGreaterThan(0);
      for (const { type } of meta.slice(1)) expect(isNumber(type) || isText(type), type).toBe(true);
      const times = data.map(row => String(row[0]));
      expect(times).toEqual([...times].sort());
    } else if (panel.type === 'barchart') {
      expect(meta.map(({ type }) => [isText(type), isNumber(type)])).toEqual([
        [true, false],
        [false, true],
      ]);
    } else if (panel.type === 'stat') {
      expect(numbers).toHaveLength(meta.length);
      expect(data.length).toBeLessThanOrEqual(1);
    } else {
      expect(panel.type).toBe('table');
    }
    if (may_be_empty.has(title)) return;
    expect(data.length).toBeGreaterThan(0);
    if (panel.type !== 'table') expect(data.some(row => numbers.some(index => row[index] !== null))).toBe(true);
  });

  it('is answered for a choice of teams too', async () => {
    await ask(expand(rawSql, range, new Map(Object.entries(some))));
  });
});

describe.each(files)('$name', ({ file }) => {
  it('offers the choices that there are', async () => {
    for (const { name, type, query } of file.templating.list.filter(variable => variable.type === 'query')) {
      expect(type).toBe('query');
      const { data } = await ask(expand(query.rawSql, range, new Map(Object.entries(everything))));
      expect(data.length, name).toBeGreaterThan(0);
      expect(data.flat()).not.toContain('');
    }
  });
});

interface Mail {
  readonly email_id: string;
  readonly thread_id: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly category: string;
  readonly team_id: string;
  readonly sentiment: string;
  readonly sentiment_score: number;
  readonly importance: number;
  readonly received_ms: number;
  readonly auto: string;
}
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const robots = ['newsletter', 'notification', 'spam'];

/** Seconds between 9 and 17 UTC from Monday to Friday. */
function businessSeconds(from_ms: number, until_ms: number): number {
  let seconds = 0;
  for (let day = Math.floor(from_ms / day_ms); day * day_ms <= until_ms; day++) {
    const weekday = new Date(day * day_ms).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    const [opens, closes] = [day * day_ms + 9 * hour_ms, day * day_ms + 17 * hour_ms];
    seconds += Math.max(0, Math.min(closes, until_ms) - Math.max(opens, from_ms)) / 1000;
  }
  return seconds;
}

/** Linear between the two nearest ranks, as quantile() does. */
function quantile(level: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = level * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

describe('counted again by hand', () => {
  let mails: Mail[];
  beforeAll(async () => {
    mails = await rows<Mail>(
      "SELECT email_id, thread_id, direction, category, team_id, sentiment, sentiment_score, importance, toUnixTimestamp64Milli(received_at) AS received_ms, headers['auto-submitted'] AS auto FROM messages",
    );
    expect(mails.length).toBeGreaterThan(500);
    expect(mails.every(({ received_ms }) => received_ms > range.from_ms && received_ms < range.to_ms)).toBe(true);
  });
  const by = (direction: Mail['direction']) => mails.filter(mail => mail.direction === direction);

  it('mails by direction, in all and over time', async () => {
    const counts = { inbound: by('inbound').length, outbound: by('outbound').length, internal: by('internal').length };
    expect(await shown('Mails')).toEqual([counts]);
    const series = await shown('Mail by direction');
    for (const [name, count] of Object.entries(counts)) expect(sum(series.map(row => row[name] ?? 0))).toBe(count);
    const busiest = series[3] as unknown as { time: string; inbound: number };
    const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    expect(busiest.inbound).toBe(
      by('inbound').filter(mail => day(mail.received_ms) === busiest.time.slice(0, 10)).length,
    );
  });

  it('a team’s mails alone, where one is chosen', async () => {
    const [row] = await shown('Mails', { ...everything, team: ['support'] });
    expect(row?.inbound).toBe(by('inbound').filter(mail => mail.team_id === 'support').length);
  });

  it('the mean sentiment, without newsletters', async () => {
    const scores = by('inbound').filter(mail => mail.sentiment !== 'unscored' && !robots.includes(mail.category));
    const [row] = await shown('Sentiment');
    expect(row?.mean).toBeCloseTo(sum(scores.map(mail => mail.sentiment_score)) / scores.length, 9);
  });

  it('categories and importance', async () => {
    const count = (category: string): number => by('inbound').filter(mail => mail.category === category).length;
    const categories = await shown<{ category: string; mails: number }>('Categories');
    for (const row of categories) expect(row.mails, row.category).toBe(count(row.category));
    expect(sum(categories.map(row => row.mails))).toBe(by('inbound').length);
    const important = await shown<{ importance: string; mails: number }>('Importance');
    expect(important.find(row => row.importance === '80 to 100')?.mails).toBe(
      by('inbound').filter(mail => mail.importance >= 80).length,
    );
  });

  it('who waits, and how fast the others were answered', async () => {
    const threads = new Map<string, Mail[]>();
    const human = mails.filter(
      mail => mail.direction !== 'internal' && !robots.includes(mail.category) && mail.auto === '',
    );
    for (const mail of human.sort((a, b) => a.received_ms - b.received_ms || (a.email_id < b.email_id ? -1 : 1)))
      threads.set(mail.thread_id, [...(threads.get(mail.thread_id) ?? []), mail]);
    let waiting = 0;
    const answers: number[] = [];
    for (const thread of threads.values()) {
      let asked: number | null = null;
      for (const { direction, received_ms } of thread) {
        if (direction === 'inbound') asked ??= received_ms;
        else if (asked !== null) {
          answers.push(businessSeconds(asked, received_ms));
          asked = null;
        }
      }
      if (asked !== null) waiting++;
    }
    expect((await shown('Waiting on us'))[0]?.waiting).toBe(waiting);
    expect(await shown('Threads waiting on us')).toHaveLength(Math.min(waiting, 200));
    const byOwner = await shown('Response time by team and owner');
    expect(sum(byOwner.map(row => row.answers ?? 0))).toBe(answers.length);
    const [response] = await shown('Response time');
    expect(response?.p50).toBeCloseTo(quantile(0.5, answers), 3);
    expect(response?.p90).toBeCloseTo(quantile(0.9, answers), 3);
  });

  it('leads and their movement', async () => {
    const customers = await rows<{ grade: string; outcome: string | null }>('SELECT grade, outcome FROM customers');
    const open = customers.filter(({ outcome }) => outcome === null);
    const [grades] = await shown('Open leads by grade');
    expect(grades).toEqual({
      A: open.filter(({ grade }) => grade === 'A').length,
      B: open.filter(({ grade }) => grade === 'B').length,
      C: open.filter(({ grade }) => grade === 'C').length,
      'D to E': open.filter(({ grade }) => grade > 'C').length,
    });
    const scores = await rows<{ person_id: string; grade: string }>(
      'SELECT person_id, grade FROM lead_scores ORDER BY person_id, version',
    );
    const moves = scores.flatMap((score, index) => {
      const before = scores[index - 1];
      if (before?.person_id !== score.person_id || before.grade === score.grade) return [];
      return [score.grade < before.grade ? 'up' : 'down'];
    });
    const movement = await shown('Leads that changed grade');
    expect(sum(movement.map(row => row.up ?? 0))).toBe(moves.filter(move => move === 'up').length);
    expect(sum(movement.map(row => row.down ?? 0))).toBe(moves.filter(move => move === 'down').length);
  });

  it('what became of the records', async () => {
    const { read, stored, duplicate, dead_letter } = sampleExpectation();
    expect((await shown('Reconciliation'))[0]).toMatchObject({
      read,
      stored,
      duplicate,
      'dead letter': dead_letter,
      'in flight': 0,
      repeated: 0,
      unread: 0,
    });
    const [shares] = await shown('What became of the records');
    expect(shares?.duplicate).toBeCloseTo(duplicate / read, 9);
    expect(shares?.['dead letter']).toBeCloseTo(dead_letter / read, 9);
    expect(sum((await shown('Dead letters by cause')).map(row => row.records ?? 0))).toBe(dead_letter);
  });

  it('volume comes from the hourly rollup, not from every mail', async () => {
    for (const title of ['Mails', 'Sentiment', 'Mail by direction', 'Mood of incoming mail', 'Categories']) {
      const plan = await ask(`EXPLAIN ${expand(panelSql(title), range, new Map(Object.entries(everything)))}`);
      expect(JSON.stringify(plan.data), title).toContain('by_hour');
    }
  });
});

describe('a dashboard that is read without Grafana', () => {
  interface Told {
    readonly panels: readonly { readonly id: number; readonly type: string; readonly title: string }[];
  }
  let viewer: Promise<string> | null = null;
  const readable = async (path: string): Promise<Response> => {
    viewer ??= instance.token('viewer');
    return fetch(new URL(path, instance.url), { headers: { authorization: `Bearer ${await viewer}` } });
  };

  it('shows in every panel what its reader sees, the same for some minutes', async () => {
    const { items } = (await (await readable('/api/dashboards')).json()) as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(['overview', 'pipeline']);
    for (const { id } of items) {
      const { panels } = (await (await readable(`/api/dashboards/${id}`)).json()) as Told;
      for (const panel of panels) {
        const path = `/api/dashboards/${id}/panels/${panel.id}?from=${new Date(range.from_ms).toISOString()}&organization=sample`;
        const answer = await readable(path);
        const expected = panel.type === 'row' ? 404 : panel.title === 'Tables' ? 403 : 200;
        expect(answer.status, panel.title).toBe(expected);
        if (expected !== 200 || id !== 'overview' || may_be_empty.has(panel.title)) continue;
        const { rows, freshness } = (await answer.json()) as { rows: unknown[]; freshness: { as_of: string } };
        expect(rows.length, panel.title).toBeGreaterThan(0);
        const again = (await (await readable(path)).json()) as { freshness: { as_of: string } };
        expect(again.freshness.as_of).toBe(freshness.as_of);
      }
    }
    const quoted = await readable("/api/dashboards/overview/panels/2?organization=it's&team=$__fromTime");
    expect(quoted.status).toBe(400);
  });
});
