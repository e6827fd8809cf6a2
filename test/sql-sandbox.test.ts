/**
 * SQL of people who may not read everything, on the real engine through the real API: no attack reaches anything, what people and
 * their programs ask is answered, and neither is any mutation of the two let through. `MILLRACE_SQL_MUTATIONS=10000` makes more of them;
 * `MILLRACE_SQL_SEED` repeats a run.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks } from './sql-sandbox/attacks.ts';
import { open_questions, questions } from './sql-sandbox/legitimate.ts';
import { mutations } from './sql-sandbox/mutations.ts';
import { openRig, type Rig, tells } from './sql-sandbox/rig.ts';

const every = Object.entries(attacks).flatMap(([kind, list]) => list.map(attack => ({ kind, ...attack })));
const mutations_count = Number(process.env.MILLRACE_SQL_MUTATIONS ?? 1_000);
const seed = Number(process.env.MILLRACE_SQL_SEED ?? 20_260_101);
const asked_at_once = 4;

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig?.close());

it('has enough of both', () => {
  expect(every.length).toBeGreaterThanOrEqual(200);
  expect(questions.length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(attacks))('%s', (_, list) => {
  it('is refused, or tells nothing', async () => {
    const told: string[] = [];
    for (const attack of list) {
      const answer = await rig.ask('limited', attack);
      const reached = [
        ...rig.touched(),
        ...(tells(answer, attack) ? [`${answer.status} ${answer.body.slice(0, 300)}`] : []),
      ];
      if (reached.length > 0) told.push(`${attack.text.slice(0, 200)} → ${reached.join(', ')}`);
      if (answer.status >= 500 && answer.code === null) told.push(`${attack.text.slice(0, 200)} → ${answer.status}`);
    }
    expect(told).toEqual([]);
  });
});

it('the engine alone lets many of them through: what is seen above is what the API does', async () => {
  const enough = 50;
  const through: string[] = [];
  for (const attack of every.filter(({ kind }) => kind !== 'a change, or a second statement')) {
    const answer = await rig.askEngine(attack);
    if (rig.touched().length > 0 || tells(answer, attack)) through.push(attack.text);
    if (through.length === enough) return;
  }
  expect(through).toHaveLength(enough);
});

it.each(questions)('answers %s', async text => {
  const answer = await rig.ask('limited', { text });
  expect(answer).toMatchObject({ status: 200, code: null });
  expect(answer.body).not.toMatch(/canary/i);
});

it.each(open_questions)('answers %s, of who may know views', async text => {
  expect(await rig.ask('full', { text })).toMatchObject({ status: 200, code: null });
  expect((await rig.ask('limited', { text })).code).toBeOneOf([164, 497]);
});

it('no mutation of either gets through', { timeout: 3_600_000 }, async () => {
  const pool = every.map(({ text }) => text).filter(text => text.length < 1_000);
  const mutated = [...mutations({ seed, count: mutations_count, attacks: pool, questions })];
  const told: string[] = [];
  let answered = 0;
  const next = async (): Promise<void> => {
    for (let text = mutated.pop(); text !== undefined; text = mutated.pop()) {
      const answer = await rig.ask('limited', { text });
      if (answer.status === 200) answered++;
      const bad = tells(answer, { text }) || (answer.status >= 500 && answer.code === null);
      if (bad) told.push(`${text} → ${answer.status} ${answer.body.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: asked_at_once }, next));
  process.stderr.write(`mutations: ${mutations_count} with seed ${seed}, ${answered} of them answered\n`);
  expect({ seed, told, touched: rig.touched() }).toEqual({ seed, told: [], touched: [] });
  expect(answered).toBeGreaterThan(mutations_count / 20);
  expect(await rig.ask('limited', { text: 'SELECT 1' })).toMatchObject({ status: 200, body: '1\n' });
});

describe('wherever the statement stands', () => {
  const secret = 'SELECT * FROM other.secret';
  const boundary = 'b';
  const form = (fields: Record<string, string>): RequestInit => ({
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${Object.entries(fields)
      .map(([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('')}--${boundary}--\r\n`,
  });
  const packed: Record<string, (text: string) => RequestInit> = {
    plain: body => ({ body }),
    gzip: text => ({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(text) }),
    deflate: text => ({ headers: { 'content-encoding': 'deflate' }, body: deflateSync(text) }),
    'a form': query => form({ query }),
  };
  it.each(Object.entries(packed))('%s', async (_, pack) => {
    expect(await rig.ask('limited', { text: '' }, pack('SELECT count() FROM mails'))).toMatchObject({ body: '1000\n' });
    expect(await rig.ask('limited', { text: '' }, pack(secret))).toMatchObject({ status: 403, code: 497 });
  });

  it.each([
    ['SELECT {x:UInt8} + 1', { x: '7' }, '8\n'],
    ['SELECT {x:String}', { x: "it\\'s\\ta" }, "it\\'s\\ta\n"],
    ['SELECT length({x:Array(Nullable(String))})', { x: "['a', NULL]" }, '2\n'],
    ["SELECT {x:DateTime('UTC')} + 1", { x: '2026-01-02 03:04:05' }, '2026-01-02 03:04:06\n'],
    [
      'SELECT count() FROM {t:Identifier} WHERE {c:Identifier} = {m:String}',
      { t: 'mails', c: 'mailbox', m: 'ada@x' },
      '1000\n',
    ],
    ['SELECT count() FROM {d:Identifier}.{t:Identifier}', { d: 'mine', t: 'mails' }, '1000\n'],
  ])('the parameters of %s', async (text, params, body) => {
    expect(await rig.ask('limited', { text, params })).toMatchObject({ status: 200, body });
  });

  it('a form’s parameters, and no files in it', async () => {
    const asked = await rig.ask('limited', { text: '' }, form({ query: 'SELECT {x:UInt8}', param_x: '7' }));
    expect(asked).toMatchObject({ status: 200, body: '7\n' });
    const table = form({ query: 'SELECT 1', t: '1' });
    expect(await rig.ask('limited', { text: '' }, table)).toMatchObject({ status: 501, code: 48 });
  });

  it('not packed in what no client packs a statement in', async () => {
    const how = { headers: { 'content-encoding': 'zstd' }, body: 'x' };
    expect(await rig.ask('limited', { text: '' }, how)).toMatchObject({ status: 400, code: 89 });
  });
});
