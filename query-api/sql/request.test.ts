import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cityHash128 } from '../../lib/cityhash.ts';
import { METHODS } from '../../lib/clickhouse-blocks.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { readRequest } from './request.ts';

function request(query: string, body: string | Buffer = '', headers: Record<string, string> = {}): HttpRequest {
  return {
    method: body.length > 0 ? 'POST' : 'GET',
    query: new URLSearchParams(query),
    headers: new Map(Object.entries(headers)),
    body: async () => Buffer.from(body),
  } as unknown as HttpRequest;
}

const text = 'SELECT 1';
const form = (parts: string) =>
  request('', parts.replaceAll('\n', '\r\n'), { 'content-type': 'multipart/form-data; boundary=b' });
const field = (name: string, value: string, more = '') =>
  `--b\nContent-Disposition: form-data; name="${name}"${more}\n\n${value}\n`;

/** One block that stores its text as it is. */
function blockOf(raw: string): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(METHODS.none, 0);
  head.writeUInt32LE(head.length + raw.length, 1);
  head.writeUInt32LE(raw.length, 5);
  const hashed = Buffer.concat([head, Buffer.from(raw)]);
  return Buffer.concat([cityHash128(hashed), hashed]);
}

describe('a statement', () => {
  it.each<[string, HttpRequest, string]>([
    ['in the URL', request('query=SELECT+1'), text],
    ['in the body', request('', text), text],
    ['in both', request('query=SELECT', '1'), 'SELECT\n1'],
    ['in gzip', request('', gzipSync(text), { 'content-encoding': 'gzip' }), text],
    ['in deflate', request('', deflateSync(text), { 'content-encoding': 'deflate' }), text],
    ['in brotli', request('', brotliCompressSync(text), { 'content-encoding': 'br' }), text],
    ['in a form', form(`${field('query', text)}--b--\n`), text],
  ])('%s', async (_, given, wanted) => expect(await readRequest(given)).toMatchObject({ text: wanted }));

  it('in blocks', async () => {
    expect(await readRequest(request('decompress=1', Buffer.concat([blockOf('SELECT '), blockOf('1')])))).toMatchObject(
      { text },
    );
    expect(await readRequest(request('decompress=1', 'no blocks at all, this'))).toMatchObject({ code: 271 });
  });

  it.each<[string, HttpRequest, number]>([
    ['zstd', request('', 'x', { 'content-encoding': 'zstd' }), 89],
    ['what is not what it says', request('', 'x', { 'content-encoding': 'gzip' }), 271],
    ['a bomb', request('', gzipSync(Buffer.alloc(4_000_000)), { 'content-encoding': 'gzip' }), 271],
    ['a file in a form', form(`${field('t', '1', '; filename="t"')}--b--\n`), 48],
    ['a parameter given twice', request('param_x=1&param_x=2&query=SELECT+1'), 36],
    ['a parameter given in both places', form(`${field('param_x', '1')}${field('param_x', '1')}--b--\n`), 36],
    ['what is not UTF-8', request('', Buffer.from([0xff, 0xfe])), 62],
    ['a NUL', request('', 'SELECT 1\0'), 62],
  ])('%s is refused', async (_, given, code) => expect(await readRequest(given)).toMatchObject({ code }));

  it('has its parameters from the URL and the form', async () => {
    const asked = await readRequest(form(`${field('query', text)}${field('param_a', '1')}--b--\n`));
    expect(asked).toMatchObject({ text, params: new Map([['a', '1']]) });
    expect(await readRequest(request('query=SELECT+1&param_b=2'))).toMatchObject({ params: new Map([['b', '2']]) });
  });
});
