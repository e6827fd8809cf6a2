/** Questions and links of a running instance: who sees them, and how much each is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instance, startInstance, until } from './instance.ts';

let instance: Instance;
const keys = new Map<string, string>();

interface Answer {
  readonly status: number;
  readonly body: Record<string, never> & { readonly items: readonly { readonly question_id: string }[] };
  readonly headers: Headers;
}

async function ask(who: string | null, method: string, path: string, body?: object): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (who === 'admin') headers.authorization = `Bearer ${await instance.token()}`;
  else if (who !== null) headers['x-api-key'] = keys.get(who) ?? '';
  const answer = await fetch(new URL(path, instance.url), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text), headers: answer.headers };
}

async function addUser(
  user_id: string,
  role: string,
  teams: readonly string[],
  mailboxes: readonly string[],
): Promise<void> {
  const named = (names: readonly string[]) => names.map(name => ({ name, bodies: true }));
  const user = await ask('admin', 'POST', '/api/users', {
    user_id,
    role,
    teams: named(teams),
    mailboxes: named(mailboxes),
  });
  expect(user.status).toBe(201);
  const scopes = role === 'viewer' ? ['read'] : ['read', 'write_own'];
  const { body } = await ask('admin', 'POST', '/api/keys', { user_id, label: user_id, scopes });
  keys.set(user_id, body.key as unknown as string);
}

const mailsOf = (answer: Answer): unknown => (answer.body as unknown as { totals: { emails: number } }).totals.emails;

beforeAll(async () => {
  instance = await startInstance();
  await addUser('ada', 'user', ['north'], ['sales@maple.example']);
  await addUser('bob', 'user', ['north'], []);
  await addUser('cleo', 'user', ['south'], []);
  await addUser('vic', 'viewer', [], []);
  for (const mailbox of ['sales@maple.example', 'hr@maple.example']) {
    const mail = { sender: 'x@north.example', subject: mailbox, content: 'Hello', mailbox };
    expect((await ask('admin', 'POST', '/api/emails', mail)).status).toBe(201);
  }
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

const weekly = {
  ...{ title: 'Mail by week', kind: 'metrics', parameters: { interval: 'week', time_zone: 'Europe/Berlin' } },
  ...{ visualisation: { chart: 'bars' }, shared_with: ['north'] },
};

describe('a question', () => {
  it('is told to whom it is shared with, who each see their own', async () => {
    const saved = await ask('ada', 'POST', '/api/questions', weekly);
    expect(saved.status).toBe(201);
    const path = saved.headers.get('location') ?? '';
    for (const [who, mails] of [
      ['ada', 1],
      ['bob', 0],
      ['admin', 2],
    ] as const) {
      expect(
        (await ask(who, 'GET', '/api/questions')).body.items.map(({ question_id }) => question_id),
        who,
      ).toContain(saved.body.question_id);
      const answer = await ask(who, 'POST', `${path}/run`);
      expect([answer.status, mailsOf(answer)], who).toEqual([200, mails]);
    }
    expect((await ask('cleo', 'GET', '/api/questions')).body.items).toEqual([]);
    expect((await ask('cleo', 'GET', path)).status).toBe(404);
    expect((await ask('cleo', 'POST', `${path}/run`)).status).toBe(404);
    expect((await ask('bob', 'PATCH', path, { title: 'Mine' })).status).toBe(403);
    expect((await ask('ada', 'PATCH', path, { title: 'By week', version: 1 })).body).toMatchObject({
      title: 'By week',
      version: 2,
    });
    expect((await ask('ada', 'PATCH', path, { title: 'Again', version: 1 })).status).toBe(409);
    expect((await ask('ada', 'PATCH', path, { parameters: { interval: 'year' } })).status).toBe(400);
    expect((await ask('bob', 'DELETE', path)).status).toBe(403);
    expect((await ask('ada', 'DELETE', path)).status).toBe(204);
    expect((await ask('ada', 'GET', path)).status).toBe(404);
  });

  it('of a list goes on page by page, and one of SQL tells what its asker sees', async () => {
    const list = {
      title: 'Mails',
      kind: 'list',
      list: 'emails',
      parameters: { fields: 'subject', limit: '1' },
      shared_with: 'everyone',
    };
    const path = (await ask('admin', 'POST', '/api/questions', list)).headers.get('location') ?? '';
    const first = await ask('admin', 'POST', `${path}/run`);
    const second = await ask('admin', 'POST', `${path}/run?cursor=${first.body.next}`);
    expect([first.body.items, second.body.items].flat()).toEqual([
      { subject: 'hr@maple.example' },
      { subject: 'sales@maple.example' },
    ]);
    expect((await ask('vic', 'POST', `${path}/run`)).body.items).toEqual([]);
    const asked = async (sql: string, who: string) => {
      const question = { title: 'SQL', kind: 'sql', sql, shared_with: 'everyone' };
      const made = (await ask('ada', 'POST', '/api/questions', question)).headers.get('location');
      return ask(who, 'POST', `${made}/run`);
    };
    const subjects = "SELECT subject FROM emails WHERE organization_id != 'sample' ORDER BY subject";
    expect((await asked(subjects, 'admin')).body.data).toEqual([['hr@maple.example'], ['sales@maple.example']]);
    expect((await asked(subjects, 'vic')).body.data).toEqual([]);
    expect((await asked('SELECT count() FROM millrace.messages', 'vic')).status).toBe(400);
    expect((await asked("SELECT file('/etc/hostname')", 'admin')).status).toBe(400);
    expect((await asked('SELECT throwIf(1)', 'vic')).status).toBe(422);
    expect((await ask('vic', 'POST', '/api/questions', weekly)).status).toBe(403);
    expect((await ask('ada', 'POST', '/api/questions', { ...weekly, parameters: { colour: 'red' } })).status).toBe(400);
  });
});

describe('a link', () => {
  it('tells anybody what its maker sees, as long as he may and wants to', async () => {
    const question = (await ask('ada', 'POST', '/api/questions', weekly)).body.question_id;
    const made = await ask('ada', 'POST', '/api/shares', {
      question_id: question,
      expires_in_days: 90,
      label: 'The board',
    });
    expect(made.status).toBe(201);
    const path = made.body.path as unknown as string;
    const read = (): Promise<Answer> => ask(null, 'GET', path);

    const answer = await read();
    expect(answer).toMatchObject({
      status: 200,
      body: { title: weekly.title, visualisation: { chart: 'bars' }, answer: { totals: { emails: 1 } } },
    });
    expect(answer.headers.has('millrace-watermark')).toBe(true);
    expect(JSON.stringify((await ask('ada', 'GET', '/api/shares')).body)).not.toContain(path.split('_').at(-1));
    expect((await ask('bob', 'GET', '/api/shares')).body.items).toEqual([]);
    expect((await ask('bob', 'DELETE', `/api/shares/${made.body.share_id}`)).status).toBe(404);
    expect((await ask(null, 'GET', `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`)).status).toBe(404);
    expect((await ask(null, 'POST', path)).status).toBe(405);

    const change = (user: object): Promise<Answer> => ask('admin', 'PATCH', '/api/users/ada', user);
    await change({ mailboxes: [] });
    expect((await read()).body).toMatchObject({ answer: { totals: { emails: 0 } } });
    await change({ state: 'disabled' });
    expect((await read()).status).toBe(404);
    await change({ state: 'active' });
    expect((await read()).status).toBe(200);

    const [row] = await until('the audit log', async () => {
      const rows = await instance.sql<{ reads: number }>(
        `SELECT toUInt32(count()) AS reads FROM audit_events WHERE action = 'share.read' AND object = '${made.body.share_id}'`,
      );
      return Number(rows[0]?.reads) >= 3 && rows;
    });
    expect(row?.reads).toBe(3);

    expect((await ask('ada', 'DELETE', `/api/shares/${made.body.share_id}`)).status).toBe(204);
    expect((await read()).status).toBe(404);
  });

  it('is nobody’s without a user, ends with its question, and is no more than 90 days long', async () => {
    const asked = { expires_in_days: 1 };
    const question = (await ask('ada', 'POST', '/api/questions', { ...weekly, shared_with: 'nobody' })).body
      .question_id;
    expect((await ask('admin', 'POST', '/api/shares', { ...asked, question_id: question })).status).toBe(409);
    expect((await ask('bob', 'POST', '/api/shares', { ...asked, question_id: question })).status).toBe(404);
    expect((await ask('vic', 'POST', '/api/shares', { ...asked, question_id: question })).status).toBe(403);
    expect((await ask('ada', 'POST', '/api/shares', { question_id: question, expires_in_days: 91 })).status).toBe(400);
    const { path } = (await ask('ada', 'POST', '/api/shares', { ...asked, question_id: question })).body;
    expect((await ask(null, 'GET', path as unknown as string)).status).toBe(200);
    expect((await ask('ada', 'DELETE', `/api/questions/${question}`)).status).toBe(204);
    expect((await ask(null, 'GET', path as unknown as string)).status).toBe(404);
  });

  it('is not to be guessed at leisure', async () => {
    const guess = `/api/shared/mrs_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    const statuses = await Promise.all(Array.from({ length: 15 }, async () => (await ask(null, 'GET', guess)).status));
    expect(new Set(statuses)).toEqual(new Set([404, 429]));
  });
});
