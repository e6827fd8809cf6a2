import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { withoutDetails } from './told-error.ts';

const headers = { 'x-clickhouse-exception-code': '60' };
const told = async (body: string | Uint8Array, more: Record<string, string> = {}) =>
  (await withoutDetails({ status: 404, headers: { ...headers, ...more }, body })).body;

const hint =
  "Code: 60. DB::Exception: Unknown table expression identifier 'x' in scope SELECT * FROM x. Maybe you meant other.y?. (UNKNOWN_TABLE)\n";

it('keeps what an error says, without what it was found in', async () => {
  const short = "Code: 60. DB::Exception: Unknown table expression identifier 'x'. (UNKNOWN_TABLE)\n";
  expect(await told(hint)).toBe(short);
  expect(await told(gzipSync(hint), { 'content-encoding': 'gzip' })).toBe(short);
  expect(
    await told("Code: 6. DB::Exception: Cannot parse: while executing 'FUNCTION f(a. (B) c)'. (CANNOT_PARSE_TEXT)\n"),
  ).toBe('Code: 6. DB::Exception: Cannot parse. (CANNOT_PARSE_TEXT)\n');
  expect(await told('Code: 62. DB::Exception: Syntax error. (SYNTAX_ERROR)\n')).toContain('Syntax error.');
});

it('tells nothing but the code of what it cannot read', async () => {
  const nothing = 'Code: 60. DB::Exception: The query failed. (UNKNOWN_EXCEPTION)\n';
  expect(await told(hint, { 'content-encoding': 'zstd' })).toBe(nothing);
  expect(await told(`{"exception": "${hint.trim()}"}`)).toBe(nothing);
});

it('leaves answers alone', async () => {
  const reply = { status: 200, headers: {}, body: 'Maybe you meant this' };
  expect(await withoutDetails(reply)).toBe(reply);
});
