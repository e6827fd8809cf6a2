/**
 * Conversations of a running instance: who waits for whom, by REST and SQL; an answer ends it; and after all roles were killed it
 * is the same.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../schemas/generated.ts';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { grant, peopleOf } from './people.ts';

interface Row {
  readonly conversation_id: string;
  readonly waiting: string;
  readonly waiting_since: string | null;
  readonly waiting_business_seconds: number | null;
  readonly owner_id: string;
  readonly mails: readonly { readonly email_id: string; readonly subject: string; readonly excerpt?: string }[];
  readonly summary: readonly { readonly email_id: string; readonly sender: string; readonly text: string }[];
  readonly [name: string]: unknown;
}

const organization_id = 'maple';
const env = { MILLRACE_DOMAINS: 'maple.example', MILLRACE_TIME_ZONE: 'Europe/Berlin' };
const data_dir = freshDir();
const config = join(freshDir(), 'millrace.yaml');
/** Oak works around the clock. */
writeFileSync(
  config,
  `organizations:
  - id: oak
    business_calendar:
      days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]
      hours: {from: "00:00", to: "24:00"}
    first_response_minutes: {default: 60}
`,
);
const options = { data_dir, env, args: ['--config', config] };
const minute_ms = 60_000;
const now_ms = Date.now();
/** Before now. */
const ago = (minutes: number): string => new Date(now_ms - minutes * minute_ms).toUTCString();

interface Mail {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly headers?: readonly string[];
  readonly text?: string;
}
const mboxOf = (mails: readonly Mail[]): string =>
  mails
    .map(({ id, from, to, date, headers = [], text = 'The export fails with an error. Please help.' }) =>
      [
        'From - Mon Jan 01 00:00:00 2024',
        `Message-ID: <${id}@test>`,
        `From: ${from}`,
        `To: ${to}`,
        `Date: ${date}`,
        `Received: from a by b; ${date}`,
        `Subject: ${id}`,
        ...headers,
        '',
        text,
        '',
      ].join('\n'),
    )
    .join('\n');

const ann = 'ann@north.example';
const desk = 'desk@maple.example';
const mails: Mail[] = [
  // Waits on us; its automatic answer is none.
  { id: 'old', from: ann, to: desk, date: ago(14 * 1440) },
  {
    id: 'away',
    from: desk,
    to: ann,
    date: ago(14 * 1440 - 1),
    headers: ['In-Reply-To: <old@test>', 'Auto-Submitted: auto-replied'],
  },
  { id: 'young', from: 'bob@south.example', to: desk, date: ago(5) },
  // Answered, silent for weeks: resolved.
  { id: 'done', from: 'cy@east.example', to: desk, date: ago(40 * 1440) },
  { id: 'done-a', from: desk, to: 'cy@east.example', date: ago(40 * 1440 - 30), headers: ['References: <done@test>'] },
  // Answered just now. The References of the second mail are missing, and it comes before what it replies to.
  { id: 'chain-3', from: desk, to: 'di@west.example', date: ago(3), headers: ['In-Reply-To: <chain-2@test>'] },
  { id: 'chain-2', from: 'di@west.example', to: desk, date: ago(10), headers: ['In-Reply-To: <chain@test>'] },
  { id: 'chain', from: 'di@west.example', to: desk, date: ago(20) },
];

let instance: Instance;

async function ask<T>(path: string): Promise<T> {
  const answer = await instance.fetch(path);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}
const list = async (query = ''): Promise<Row[]> =>
  (await ask<{ items: Row[] }>(`/api/conversations?organization_id=${organization_id}${query}`)).items;
const names = (rows: readonly Row[]): string[] =>
  rows.map(row => row.conversation_id.slice(1, -1).replace('@test', ''));
const one = (name: string): Promise<Row> =>
  ask<Row>(`/api/conversations/${encodeURIComponent(`<${name}@test>`)}?organization_id=${organization_id}`);

async function bring(
  name: string,
  given: readonly Mail[],
  owner: string,
  organization = organization_id,
): Promise<void> {
  const path = join(freshDir(), `${name}.mbox`);
  writeFileSync(path, mboxOf(given));
  const flags = [
    '--organization',
    organization,
    '--mailbox',
    `${owner}@maple.example`,
    '--owner',
    owner,
    '--team',
    'support',
  ];
  const { code, stderr } = await instance.run(['import', path, ...flags]);
  expect(code, stderr).toBe(0);
}
const settled = (name: string, mails_of: number): Promise<unknown> =>
  until(`${mails_of} mails in ${name}`, async () => {
    const answer = await instance.fetch(
      `/api/conversations/${encodeURIComponent(`<${name}@test>`)}?organization_id=${organization_id}`,
    );
    return answer.status === 200 && ((await answer.json()) as Row).mails.length === mails_of;
  });

beforeAll(async () => {
  instance = await startInstance(options);
  await bring('desk', mails, 'desk');
  for (const [name, count] of [
    ['old', 2],
    ['young', 1],
    ['done', 2],
    ['chain', 3],
  ] as const)
    await settled(name, count);
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

describe('conversations', () => {
  it('say who waits for whom, those that wait longest first', async () => {
    expect(names(await list())).toEqual(['old', 'young', 'chain']);
    expect(names(await list('&waiting=us'))).toEqual(['old', 'young']);
    expect(names(await list('&waiting=them'))).toEqual(['chain']);
    expect(names(await list('&waiting=nobody&sort=-last_at'))).toEqual(['done']);
    const refused = await instance.fetch('/api/conversations?waiting=nobody');
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('-last_at')]);
  });

  it('are filtered by whose they are, how long they wait, and what was promised', async () => {
    // Two weeks have ten working days of eight hours, a day more or less.
    expect(names(await list('&waited_minutes=4000'))).toEqual(['old']);
    expect(names(await list('&waited_minutes=6000'))).toEqual([]);
    expect(names(await list('&waited_minutes=0'))).toEqual(['old', 'young', 'chain']);
    expect(names(await list('&sla_breached=true'))).toEqual(['old']);
    expect(names(await list('&sla_breached=false'))).toEqual(['young', 'chain']);
    expect(names(await list('&owner_id=desk&team_id=support&customer=Bob@south.example'))).toEqual(['young']);
    expect(await list('&owner_id=nobody')).toEqual([]);
    const found: string[] = [];
    for (let path: string | null = `/api/conversations?organization_id=${organization_id}&limit=1`; path !== null; ) {
      const page: { items: Row[]; next: string | null } = await ask(path);
      found.push(...names(page.items));
      path = page.next && `/api/conversations?organization_id=${organization_id}&limit=1&cursor=${page.next}`;
    }
    expect(found).toEqual(['old', 'young', 'chain']);
  });

  it('have their mails, also where References are missing, and what is said in them', async () => {
    const chain = await one('chain');
    expect(chain.mails.map(({ subject }) => subject)).toEqual(['chain', 'chain-2', 'chain-3']);
    expect(JSON.stringify(chain.mails)).not.toContain('Please help');
    expect(chain.summary[0]).toMatchObject({ sender: 'di@west.example', email_id: chain.mails[0]?.email_id });
    expect(chain.summary[0]?.text).toContain('The export fails with an error.');
    // An automatic answer says nothing.
    expect((await one('old')).summary.map(({ sender }) => sender)).toEqual([ann]);
    expect(chain).toMatchObject({ waiting: 'them', first_response_seconds: 17 * 60, mails_in: 2, mails_out: 1 });
    expect(await one('done')).toMatchObject({
      waiting: 'nobody',
      resolved: true,
      resolution_seconds: 30 * 60,
      sla_breached: false,
    });
    expect((await instance.fetch('/api/conversations/none')).status).toBe(404);
  });

  it('count for whoever measures first responses', async () => {
    const { groups } = await ask<{ groups: { group: string; totals: Record<string, number> }[] }>(
      `/api/metrics?organization_id=${organization_id}&measures=first_response_business_p50_s,sla_met_share&group_by=owner`,
    );
    expect(groups.find(({ group }) => group === 'desk')?.totals).toMatchObject({ sla_met_share: 1 });
  });

  it('have themes, which rise and have examples', async () => {
    const found = await ask<{ conversations: number; conversations_before: number; themes: Row[] }>(
      `/api/themes?organization_id=${organization_id}`,
    );
    // Those that customers began; all say the same, so nothing tells them apart.
    expect(found).toMatchObject({ conversations: 3, conversations_before: 1, sampled: false, themes: [] });
    const orders = Array.from({ length: 4 }, (_, at): Mail => {
      const date = ago(at < 1 ? 45 * 1440 : 30 + at);
      return {
        id: `p${at}`,
        from: `p${at}@pine.example`,
        to: desk,
        date,
        text: 'The label printer is offline since yesterday.',
      };
    });
    await bring('printers', orders, 'desk');
    for (const { id } of orders) await settled(id, 1);
    const { themes } = await ask<{ themes: Row[] }>(`/api/themes?organization_id=${organization_id}`);
    const printers = themes.find(theme => /printer|offline|label/.test(String(theme.name)));
    expect(printers).toMatchObject({ conversations: 3, conversations_before: 1 });
    expect(printers?.examples).toHaveLength(3);
  });

  it('wait by the working hours of their own organisation', async () => {
    await bring(
      'oak',
      [{ id: 'oak', from: 'flo@hill.example', to: 'desk@maple.example', date: ago(14 * 1440) }],
      'oak',
      'oak',
    );
    const waiting = async (minutes: number): Promise<string[]> =>
      names((await ask<{ items: Row[] }>(`/api/conversations?waited_minutes=${minutes}&waiting=us`)).items);
    // Two weeks have ten working days, or fourteen whole ones.
    const [oak] = await until('its conversation', async () => {
      const { items } = await ask<{ items: Row[] }>('/api/conversations?organization_id=oak');
      return items.length === 1 && items;
    });
    expect(oak).toMatchObject({ sla_target_minutes: 60, sla_breached: true });
    expect(Number(oak?.waiting_business_seconds)).toBeCloseTo(Number(oak?.waiting_seconds), 0);
    const [long, short] = [await waiting(12_000), await waiting(4_000)];
    expect([long.includes('oak'), long.includes('old')]).toEqual([true, false]);
    expect([short.includes('oak'), short.includes('old')]).toEqual([true, true]);
    expect(await waiting(30_000)).toEqual([]);
  });

  it('are told live and exported as they stand, but for how long somebody has waited', async () => {
    const {
      waiting_seconds: _,
      waiting_business_seconds: __,
      mails: ___,
      summary: ____,
      ...chain
    } = await one('chain');
    const thread = `organization_id=${organization_id}&conversation_id=${encodeURIComponent('<chain@test>')}`;
    const feed = await instance.fetch(`/live/sse?feed=conversations&from=earliest&${thread}`);
    let text = '';
    for await (const part of feed.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      if (text.includes('event: heartbeat')) break;
    }
    const told = [...text.matchAll(/^event: record\n(?:id: .*\n)?data: (.*)$/gm)].map(([, json]) =>
      JSON.parse(json ?? ''),
    );
    expect(told.at(-1)).toEqual(chain);
    const exported = await instance.fetch(
      `/api/export/conversations?format=ndjson&organization_id=${organization_id}&customer=di@west.example`,
    );
    expect(JSON.parse(await exported.text())).toEqual(chain);
  });

  it('are seen by whom their owner is granted to', async () => {
    const people = await peopleOf(instance);
    const password = 'a long enough password';
    for (const user_id of ['desk', 'else']) await people.add({ user_id, role: 'user', password });
    const seen = async (user: string, path: string): Promise<[number, string]> => {
      const { access_token } = await people.signIn(user, password);
      const { status, text } = await people.ask(access_token, 'GET', path);
      return [status, text];
    };
    const path = `/api/conversations/${encodeURIComponent('<old@test>')}`;
    expect((await seen('desk', path))[0]).toBe(200);
    expect((await seen('else', path))[0]).toBe(404);
    expect((await seen('else', '/api/conversations?sort=-last_at'))[1]).not.toContain('test');
    expect((await seen('else', '/api/export/conversations'))[1]).not.toContain('test');
    expect((await seen('desk', '/api/export/conversations'))[1]).toContain('<old@test>');
  });

  it('are summed up for each by the mails that he may read', async () => {
    const mixed = {
      id: 'mixed',
      from: 'eva@lake.example',
      to: desk,
      date: ago(30),
      text: 'The turbine hums at night.',
    };
    const headers = ['References: <mixed@test>'];
    const reply = { id: 'mixed-a', from: 'kim@maple.example', to: 'eva@lake.example', date: ago(29), headers };
    await bring('mixed', [mixed], 'desk');
    await bring('mixed-a', [{ ...reply, text: 'Our engineer Osmund replaces the gearbox.' }], 'kim');
    await settled('mixed', 2);
    const people = await peopleOf(instance);
    const password = 'a long enough password';
    const boxes = (desk_bodies: boolean, kim_bodies: boolean) => [
      grant('desk@maple.example', desk_bodies),
      grant('kim@maple.example', kim_bodies),
    ];
    const saidTo = async (user_id: string, mailboxes: Grant[]): Promise<string[]> => {
      await people.add({ user_id, role: 'user', password, mailboxes });
      const { access_token } = await people.signIn(user_id, password);
      const path = `/api/conversations/${encodeURIComponent('<mixed@test>')}`;
      const { summary, mails, ...rest } = await people.json<Row>(access_token, 'GET', path);
      expect(mails.map(({ subject }) => subject)).toEqual(['mixed', 'mixed-a']);
      expect(JSON.stringify([mails, rest])).not.toMatch(/turbine|gearbox/);
      return summary.map(({ text }) => text);
    };
    const [asked, answered] = [mixed.text, 'Our engineer Osmund replaces the gearbox.'];
    expect(await saidTo('reads-both', boxes(true, true))).toEqual([asked, answered]);
    expect(await saidTo('reads-desk', boxes(true, false))).toEqual([asked]);
    expect(await saidTo('reads-kim', boxes(false, true))).toEqual([answered]);
    expect(await saidTo('reads-neither', boxes(false, false))).toEqual([]);
  });

  it('end their wait with an answer, and are the same after all was killed', async () => {
    await bring(
      'kim',
      [
        {
          id: 'answer',
          from: 'kim@maple.example',
          to: ann,
          date: ago(1),
          headers: ['In-Reply-To: <old@test>', 'References: <old@test>'],
        },
      ],
      'kim',
    );
    await settled('old', 3);
    const before = await one('old');
    expect(before).toMatchObject({ waiting: 'them', owner_id: 'kim', sla_breached: true });
    expect(names(await list('&waiting=us'))).not.toContain('old');
    await instance.kill();
    instance = await startInstance(options);
    await settled('old', 3);
    const timeless = ({ waiting_seconds: _, waiting_business_seconds: __, ...rest }: Row) => rest;
    expect(timeless(await one('old'))).toEqual(timeless(before));
    // The state is there too: what comes now is told with what was before.
    await bring(
      'thanks',
      [
        {
          id: 'thanks',
          from: ann,
          to: desk,
          date: ago(0),
          headers: ['In-Reply-To: <answer@test>'],
          text: 'Thank you, that solved it.',
        },
      ],
      'desk',
    );
    await settled('old', 4);
    expect(await one('old')).toMatchObject({
      waiting: 'nobody',
      resolved: true,
      mails_in: 2,
      mails_out: 2,
      owner_id: 'kim',
    });
  });
});
