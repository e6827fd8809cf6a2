import { expect, describe as group, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../lib/http.ts';
import type { Question } from '../../schemas/generated.ts';
import type { Caller } from '../auth/access.ts';
import { describe } from '../contract.ts';
import { changed, created, mayChange, maySee, newQuestion, questionRow, questionSchema } from './questions.ts';
import { createRunner } from './runner.ts';

const signal = new AbortController().signal;
const callerOf = (subject: string, role: Caller['role'] = 'user') =>
  ({ subject, role, scopes: null }) as unknown as Caller;
const made = (asked: object): Question => created(newQuestion.parse({ title: 'Mails', ...asked }), 'ada');

const metrics = describe({
  ...{ method: 'GET', path: '/api/metrics', access: 'read', tag: 'Metrics', summary: 'Metrics', answers: {} },
  query: z.strictObject({ interval: z.enum(['day', 'week']).optional(), cursor: z.string().optional() }),
  handle: async ({ query, caller }) =>
    json(200, { ...query, asked_by: caller.subject }, { 'millrace-watermark': 'now' }),
});

group('a question', () => {
  it('is asked as a request of its route, by whoever asks it', async () => {
    const runner = createRunner([metrics], null);
    const question = made({ kind: 'metrics', parameters: { interval: 'week' } });
    const { text, headers } = await runner.run(question, callerOf('bob'), { cursor: 'next', signal });
    expect(JSON.parse(text)).toEqual({ interval: 'week', cursor: 'next', asked_by: 'bob' });
    expect(headers).toEqual({ 'millrace-watermark': 'now' });
    expect(() => runner.check(made({ kind: 'metrics', parameters: { interval: 'year' } }))).toThrow(/interval/);
  });

  it('of SQL goes to whoever answers that, with the caller', async () => {
    const question = made({ kind: 'sql', sql: 'SELECT {n:UInt8}', parameters: { n: '1' } });
    const runner = createRunner([], async ({ sql, parameters }, caller) =>
      JSON.stringify({ sql, parameters, asked_by: caller.subject }),
    );
    expect(JSON.parse((await runner.run(question, callerOf('bob'), { signal })).text)).toEqual({
      ...{ sql: 'SELECT {n:UInt8}', parameters: { n: '1' }, asked_by: 'bob' },
    });
    const refusing = createRunner([], null);
    await expect(refusing.run(question, callerOf('bob'), { signal })).rejects.toMatchObject({ status: 422 });
  });

  it('says what its kind needs and nothing else', () => {
    expect(() => made({ kind: 'sql' })).toThrow(/sql/);
    expect(() => made({ kind: 'metrics', list: 'emails' })).toThrow(/list/);
    expect(
      newQuestion.safeParse({ title: 'x', kind: 'metrics', visualisation: { a: 'x'.repeat(20_000) } }).success,
    ).toBe(false);
    const question = made({
      kind: 'list',
      list: 'emails',
      visualisation: { chart: 'bar' },
      shared_with: ['sales', 'sales'],
    });
    const row = questionRow(question);
    expect(questionSchema.parse(row)).toMatchObject({
      shared_with: ['sales'],
      visualisation: { chart: 'bar' },
      version: 1,
    });
    expect(changed(question, { shared_with: 'nobody' })).toMatchObject({ teams: [], everyone: false, version: 2 });
    expect(() => changed(question, { title: 'y', version: 7 })).toThrow(/meanwhile/);
  });

  it('is seen by whom it is shared with, and changed by its owner or who may write', () => {
    const member = { teams: [{ name: 'sales', bodies: false }] } as never;
    const question = made({ kind: 'metrics', shared_with: ['sales'] });
    const seen = [callerOf('ada'), callerOf('bob'), callerOf('root', 'admin'), callerOf('meg', 'manager')];
    expect(seen.map(caller => maySee(caller, question, undefined))).toEqual([true, false, true, false]);
    expect(maySee(callerOf('bob'), question, member)).toBe(true);
    expect(maySee(callerOf('bob'), made({ kind: 'metrics', shared_with: 'everyone' }), undefined)).toBe(true);
    expect(seen.map(caller => mayChange(caller, question))).toEqual([true, false, true, true]);
    expect(mayChange({ subject: 'meg', role: 'manager', scopes: ['read'] }, question)).toBe(false);
  });
});
