/** `millrace sql`: the answer as it comes, straight to standard output. */
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MillraceError } from '../lib/errors.ts';
import type { Client } from './client.ts';

/** Throws MillraceError `sql` with the engine's own words, where the fault comes after the first rows too. */
export async function sql(client: Client, query: string, format: string): Promise<void> {
  const response = await client.request(`/sql?${new URLSearchParams({ default_format: format })}`, {
    method: 'POST',
    body: query,
  });
  if (!response.ok || !response.body) throw new MillraceError('sql', (await response.text()).trim());
  const end = watchEnd();
  const copied = pipeline(Readable.fromWeb(response.body as never), end.stream, process.stdout, { end: false });
  // The answer breaks off behind the fault that it ends with.
  const broken = await copied.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const fault = faultIn(end.tail(), response.headers.get('x-clickhouse-exception-tag'));
  if (fault !== null) throw new MillraceError('sql', fault);
  if (broken) throw broken.error;
}

/** ClickHouse's limit for the exception block that ends a body whose first rows were sent already. */
const exception_bytes_max = 16_384;

function watchEnd(): { stream: Transform; tail(): string } {
  let tail = Buffer.alloc(0);
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      tail = Buffer.concat([tail, chunk]).subarray(-exception_bytes_max);
      done(null, chunk);
    },
  });
  return { stream, tail: () => tail.toString('utf8') };
}

/** `__exception__`, the answer's own tag, the message, its length and the tag again. */
function faultIn(tail: string, tag: string | null): string | null {
  const at = tag === null ? -1 : tail.indexOf(`__exception__\r\n${tag}\r\n`);
  if (at < 0) return null;
  return tail
    .slice(at)
    .split('\r\n')
    .slice(2)
    .join('\n')
    .replace(/\n\d+ \S+\n__exception__\s*$/, '')
    .trim();
}
