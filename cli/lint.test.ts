import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lint } from './lint.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const findings = (text: string): string[] => {
  const file = join(folder, 'm.yaml');
  writeFileSync(file, text);
  return lint(file).map(
    ({ line, column, severity, path, message }) => `${line}:${column} ${severity} ${path}: ${message}`,
  );
};

it('finds nothing wrong with what is right', () => {
  expect(findings('')).toEqual([]);
  expect(findings('organization: {domains: [example.com]}\n')).toEqual([]);
  expect(findings('record: deal\ncolumns: {id: Id}\n')).toEqual([]);
});

it('tells every fault of a configuration with its place', () => {
  expect(findings('organisation: {}\napi:\n  port: high\n')).toEqual([
    expect.stringMatching(/^3:9 error api.port: /),
    expect.stringMatching(/^1:15 error organisation: unknown key; did you mean "organization"\?$/),
  ]);
  expect(findings('record: deal\ncolumns: {}\n')).toEqual(['2:10 error columns.id: missing']);
  expect(findings('a: [')).toEqual([expect.stringMatching(/^1:\d error : /)]);
  expect(findings('Record ID,Amount\n1,2\n')).toEqual([expect.stringMatching(/^1:1 error : expected keys/)]);
});

it('tells what is wrong with a hook beyond its form', () => {
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'a-shared-secret');
  chmodSync(secret, 0o644);
  const hook = (verify: string, map: string) =>
    `hooks:\n  deals:\n    kind: crm\n    verify: ${verify}\n    map: ${map}\n`;
  const map = '{crm: {value: deal}, id: id, changed_at: at}';
  expect(findings(hook(`{scheme: github, secret_file: ${secret}}`, map))).toEqual([
    '4:43 warning hooks.deals.verify.secret_file: everybody may read it',
  ]);
  chmodSync(secret, 0o600);
  expect(findings(hook(`{scheme: github, secret_file: ${secret}}`, map))).toEqual([]);
  expect(findings(hook('{scheme: token}', '{crm: {value: deal}, id: id, stagge: s}'))).toEqual([
    '4:13 error hooks.deals.verify: secret or secret_file is missing',
    expect.stringMatching(/^4:22 warning hooks.deals.verify.scheme: the secret itself is sent/),
    '5:10 error hooks.deals.map: changed_at is missing: every change needs it',
    '5:47 error hooks.deals.map.stagge: a CRM change has no such field; did you mean "stage"?',
  ]);
  expect(findings(hook(`{scheme: github, secret_file: ${secret}-absent}`, map))).toEqual([
    expect.stringMatching(/error hooks.deals.verify.secret_file: ENOENT/),
  ]);
});

it('says so where there is no such file', () => {
  expect(lint(join(folder, 'absent.yaml'))).toMatchObject([
    { severity: 'error', message: expect.stringContaining('ENOENT') },
  ]);
});
