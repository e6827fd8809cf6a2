import { describe, expect, it } from 'vitest';
import type { Item, Sink } from './bounded.ts';
import { InputError } from './bytes.ts';
import { readEml } from './eml.ts';
import { readLines } from './lines.ts';

function countingSink(): Sink {
  let size_bytes = 0;
  return {
    async write(chunk) {
      size_bytes += chunk.length;
    },
    end: async () => ({ sha256: '', size_bytes }),
    abort: async () => undefined,
  };
}

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(items: AsyncIterable<Item>) {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const text = (item: Item | undefined) => (item === undefined || item.oversize ? null : item.bytes.toString());

describe('readLines', () => {
  it.each([1, 2, 7, 1_000])('reads lines from pieces of %d bytes', async size => {
    const file = '\ufeff{"a":1}\r\n\n  \n{"b":"ä"}\n{"c":3}';
    const items = await all(readLines(pieces(file, size), { oversize: countingSink }));
    expect(items.map(text)).toEqual(['{"a":1}', '{"b":"ä"}', '{"c":3}']);
    expect(items.map(item => item.end)).toEqual([12, 27, 34]);
    const rest = await all(readLines(pieces(file.slice(10), size), { oversize: countingSink, start: 12 }));
    expect(rest).toEqual(items.slice(1));
  });

  it('streams an oversize line to the sink and goes on', async () => {
    const items = await all(
      readLines(pieces(`one\n${'x'.repeat(100)}\ntwo\n`, 9), { oversize: countingSink, line_bytes_max: 10 }),
    );
    expect(items.map(text)).toEqual(['one', null, 'two']);
    expect(items[1]).toMatchObject({ oversize: true, size_bytes: 101, start: 4, end: 105 });
  });

  it('marks a line that the input cuts', async () => {
    async function* cut() {
      yield Buffer.from('{"a":1}\n{"b":');
      throw new InputError('truncated', 'cut');
    }
    const items: Item[] = [];
    const reading = async () => {
      for await (const item of readLines(cut(), { oversize: countingSink })) items.push(item);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'truncated' });
    expect(items.map(item => [text(item), item.truncated])).toEqual([
      ['{"a":1}', false],
      ['{"b":', true],
    ]);
  });
});

describe('readEml', () => {
  it('reads one mail, an oversize one through the sink, and nothing from nothing', async () => {
    expect((await all(readEml(pieces('A: b\n\nFrom x\n', 3), { oversize: countingSink }))).map(text)).toEqual([
      'A: b\n\nFrom x\n',
    ]);
    const [large] = await all(readEml(pieces('x'.repeat(50), 7), { oversize: countingSink, mail_bytes_max: 20 }));
    expect(large).toMatchObject({ oversize: true, size_bytes: 50, start: 0, end: 50 });
    expect(await all(readEml(pieces('', 1), { oversize: countingSink }))).toEqual([]);
  });
});
