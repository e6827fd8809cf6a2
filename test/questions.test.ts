/**
 * docs/questions.md, run as it stands against a small company whose answers are known: two teams in Berlin, a change to summer time (on
 * Sunday 2025-03-30), a weekend, and mail by machines. It is asked on Wednesday 2025-04-02 at noon.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { idris, lines, mailboxes, maya, mboxOf, support } from './questions-company.ts';

const organization = 'maple';
const at = '2025-04-02 10:00:00';
const parameters: Record<string, string> = {
  organization,
  time_zone: 'Europe/Berlin',
  holidays: '[]',
  at,
  amount_min: '50000',
};

/** The SQL below each heading. */
const questions = new Map(
  readFileSync('docs/questions.md', 'utf8')
    .split(/^## /m)
    .slice(1)
    .map(section => [section.split('\n')[0] as string, /```sql\n([\s\S]*?)```/.exec(section)?.[1] ?? '']),
);

let instance: Instance;
let token: string;
const asked = new Set<string>();

async function rows<T>(sql: string, given: Record<string, string> = parameters): Promise<T[]> {
  const url = new URL('/sql?default_format=JSONEachRow&output_format_json_quote_64bit_integers=0', instance.url);
  for (const [name, value] of Object.entries(given)) url.searchParams.set(`param_${name}`, value);
  const answer = await fetch(url, { method: 'POST', body: sql, headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
}

/** The answer to the question whose heading begins so. */
function answer<T = Record<string, unknown>>(heading: string, changed: Record<string, string> = {}): Promise<T[]> {
  const [title, sql] = [...questions].find(([each]) => each.startsWith(heading)) ?? [];
  if (!title || !sql) throw new Error(`no SQL below "${heading}"`);
  asked.add(title);
  return rows<T>(sql, { ...parameters, ...changed });
}

beforeAll(async () => {
  process.env.MILLRACE_DOMAINS = 'maple.example';
  instance = await startInstance({ env: { MILLRACE_TIME_ZONE: parameters.time_zone as string } });
  token = await instance.token();
  const dir = freshDir();
  const load = async (name: string, text: string, flags: readonly string[] = []): Promise<void> => {
    writeFileSync(join(dir, name), text);
    const { code, stderr } = await instance.run(['import', join(dir, name), '--organization', organization, ...flags]);
    expect(code, stderr).toBe(0);
    await until('every score', async () => {
      const [row] = await rows<{ missing: number }>(
        "SELECT uniqExact(interaction_id) - (SELECT uniqExact(caused_by) FROM lead_scores) AS missing FROM interactions WHERE person_id != ''",
      );
      return row?.missing === 0;
    });
  };
  for (const [index, file] of lines.entries())
    await load(`crm-${index}.ndjson`, file.map(line => JSON.stringify(line)).join('\n'));
  for (const { mailbox, owner, team, mails } of mailboxes)
    await load(`${owner}.mbox`, mboxOf(mailbox, mails), ['--mailbox', mailbox, '--owner', owner, '--team', team]);
  const external = mailboxes.flatMap(({ mails }) => mails).length;
  await until('every conversation', async () => {
    const [row] = await rows<{ mails: number }>('SELECT sum(mails_in + mails_out) AS mails FROM conversations');
    return row?.mails === external;
  });
});
afterAll(async () => {
  delete process.env.MILLRACE_DOMAINS;
  expect(await instance?.stop()).toBe(0);
});

const people = new Set(['stop', 'bounce', 'absent', 'news', 'machine']);
const inbound = mailboxes.flatMap(({ mails }) => mails).filter(mail => !mail.from.endsWith('@maple.example'));

describe('the answers', () => {
  it('waiting more than four business hours', async () => {
    const waiting = await answer('Which threads wait on us');
    expect(waiting).toMatchObject([
      {
        subject: 'Export fails',
        customer: 'ann@north.example',
        team_id: 'support',
        owner_id: 'lena',
        mailbox: support,
        business_hours: 20,
      },
    ]);
    expect(waiting[0]?.asked).toBe('2025-03-28 16:00:00.000');
  });

  it('waiting, in another place and with a holiday', async () => {
    const hours = async (changed: Record<string, string>): Promise<unknown> =>
      (await answer('Which threads wait on us', changed)).find(row => row.subject === 'Export fails')?.business_hours;
    expect(await hours({ holidays: "['2025-04-01','2025-03-30']" })).toBe(12);
    // Friday 11:00 in New York, summer time there already, to Wednesday 6:00: six hours, eight and eight.
    expect(await hours({ time_zone: 'America/New_York' })).toBe(22);
    // As of Monday 10:00 in Berlin: an hour on each side of the weekend, by a clock put forward.
    expect(await hours({ at: '2025-03-31 12:00:00' })).toBe(6);
    expect(await hours({ at: '2025-03-31 08:00:00' })).toBeUndefined();
  });

  it('first response by team and agent against last week', async () => {
    const week = (answers: number, p50: number | null, p90: number | null) => ({ answers, p50, p90 });
    const rowsOf = await answer<Record<string, number>>('First response');
    const short = rowsOf.map(row => ({
      who: `${row.team_id}/${row.agent}`,
      now: week(row.answers as number, row.p50_hours as number, row.p90_hours as number),
      before: week(
        row.answers_last_week as number,
        row.p50_hours_last_week as number,
        row.p90_hours_last_week as number,
      ),
    }));
    expect(short).toEqual([
      { who: 'sales/', now: week(1, 10, 10), before: week(0, null, null) },
      { who: 'sales/maya', now: week(1, 10, 10), before: week(0, null, null) },
      {
        who: 'support/',
        now: week(4, 0.5, expect.closeTo(0.85, 9) as number),
        before: week(2, 3, expect.closeTo(3.8, 9) as number),
      },
      { who: 'support/idris', now: week(3, 0.5, 0.5), before: week(1, 4, 4) },
      { who: 'support/lena', now: week(1, 1, 1), before: week(1, 2, 2) },
    ]);
  });

  it('accounts that turned negative', async () => {
    const accounts = await answer<{
      account: string;
      amount: number;
      before: number;
      after: number;
      negative_mails: unknown[][];
    }>('Which accounts above an amount');
    expect(accounts.map(({ account, amount }) => [account, amount])).toEqual([['Brook', 60_000]]);
    const [brook] = accounts;
    expect(brook?.before).toBeGreaterThan(0.05);
    expect(brook?.after).toBeLessThan(-0.05);
    expect(brook?.negative_mails.map(mail => mail[2])).toEqual(['We leave']);
    const all = await answer<{ account: string }>('Which accounts above an amount', { amount_min: '5000' });
    expect(all.map(({ account }) => account).sort()).toEqual(['Brook', 'Creek']);
  });

  it('deals without two-way mail', async () => {
    expect(await answer('Which deals closing this month')).toMatchObject([
      {
        person_id: 'gina@elm.example',
        closes_on: '2025-04-20',
        last_mail_in: '2025-03-05 10:00:00.000',
        amount: 12_000,
      },
      {
        person_id: 'lea@jam.example',
        closes_on: '2025-04-25',
        last_mail_in: null,
        last_mail_out: '2025-04-01 12:00:00.000',
      },
    ]);
  });

  it('leads that changed grade, and why', async () => {
    const changed = await answer<{ person_id: string; behaviour: number; decay: number }>('Which leads changed grade');
    expect(changed.filter(({ person_id }) => person_id.endsWith('@kale.example'))).toMatchObject([
      {
        person_id: 'nina@kale.example',
        grade_before: 'D',
        grade_now: 'B',
        because: 'behaviour',
        last_cause: 'event demo_requested',
      },
      {
        person_id: 'omar@kale.example',
        grade_before: 'A',
        grade_now: 'D',
        because: 'decay',
        last_cause: 'event page_viewed',
      },
    ]);
    // demo_requested is worth 2.0; two events worth 3.4 are 81 days old, and half is left after 30.
    const [nina, omar] = changed.filter(({ person_id }) => person_id.endsWith('@kale.example'));
    expect(nina?.behaviour).toBeCloseTo(2, 3);
    expect(omar?.behaviour).toBeCloseTo(0.1, 3);
    expect(omar?.decay).toBeCloseTo(3.4 * (0.5 ** (81 / 30) - 1), 2);
    // Closed in March, so not since Monday.
    expect(changed.map(({ person_id }) => person_id)).not.toContain('pat@lime.example');
  });

  it('grades 30 days before closing', async () => {
    expect(await answer('Did A leads win')).toEqual([
      { grade: 'A', closed: 2, won: 1, win_rate: 0.5 },
      { grade: 'C', closed: 3, won: 1, win_rate: 1 / 3 },
    ]);
  });

  it('words that rose in support', async () => {
    const words = await answer<{ word: string; threads: number; threads_last_month: number; examples: unknown[] }>(
      'Which support themes',
    );
    expect(words.map(({ word, threads, threads_last_month }) => [word, threads, threads_last_month])).toEqual([
      ['broken', 3, 0],
      ['printer', 3, 0],
      ['sync', 3, 0],
    ]);
    expect(words[0]?.examples).toHaveLength(3);
  });

  it('askers that the CRM does not know', async () => {
    const known = /^(fred|gina|hank)@/;
    const since = Date.parse('2025-03-03T10:00:00Z');
    const expected = inbound.filter(
      mail => !people.has(mail.id) && !known.test(mail.from) && Date.parse(mail.at) > since,
    );
    const askers = await answer<{ person_id: string; mails: number; colleagues_in_crm: number }>(
      'Which inbound askers',
    );
    expect(askers.map(({ person_id }) => person_id).sort()).toEqual(
      [...new Set(expected.map(({ from }) => from))].sort(),
    );
    expect(askers.find(({ person_id }) => person_id === 'vera@hill.example')?.mails).toBe(2);
    const colleagues = askers.filter(({ colleagues_in_crm }) => colleagues_in_crm > 0);
    expect(colleagues).toMatchObject([{ person_id: 'xena@brook.example', colleagues_in_crm: 1 }]);
  });

  it('bounces, automatic answers and unsubscribes', async () => {
    const month = inbound.filter(mail => Date.parse(mail.at) > Date.parse('2025-03-03T10:00:00Z'));
    const writers = await answer<{ writer: string; mails: number; in_response_times: number }>('How many bounces');
    const byPeople = month.filter(mail => !people.has(mail.id)).length;
    // Each of them begins a turn.
    const counted = ['auto_reply', 'bounce', 'list', 'machine', 'person', 'unsubscribe'].map(writer =>
      writer === 'person'
        ? { writer, mails: byPeople, in_response_times: byPeople }
        : { writer, mails: 1, in_response_times: 0 },
    );
    expect(writers).toEqual(counted);
  });

  it('yesterday, in Berlin', async () => {
    const complete = await answer<Record<string, unknown>>('Is yesterday complete');
    expect(complete.every(({ state }) => state === 'complete')).toBe(true);
    const records = (part: string, name: string): unknown =>
      complete
        .filter(row => row.part === part && row.name === name)
        .reduce((total, row) => total + Number(row.records), 0);
    // The machine's mail came half past midnight; `four` is the other.
    expect(records('mailbox', support)).toBe(2);
    expect(records('mailbox', idris)).toBe(6);
    expect(records('mailbox', maya)).toBe(2);
    expect(records('crm', 'deal')).toBe(1);
    expect(records('crm', 'contact')).toBe(1);
    const later = await answer<{ state: string }>('Is yesterday complete', {
      at: new Date(Date.now() + 172_800_000).toISOString().slice(0, 19).replace('T', ' '),
    });
    expect(new Set(later.map(({ state }) => state))).toEqual(new Set(['not read since']));
  });

  it('no question is left unasked', () => {
    expect([...asked].sort()).toEqual([...questions.keys()].sort());
  });
});
