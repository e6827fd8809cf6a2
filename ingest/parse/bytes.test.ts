import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError, peek, readBytes, readFileBytes } from './bytes.ts';

/** What was read before the end or the fault. */
async function drain(source: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; fault: unknown }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of source) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), fault: null };
  } catch (fault) {
    return { bytes: Buffer.concat(chunks), fault };
  }
}

function inPieces(bytes: Buffer, size: number): Readable {
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );
}

/** 200 kB that hardly compress. */
const noise = Buffer.from(
  Array.from({ length: 200_000 }, (_, i) => (Math.imul(i ^ (i >>> 7), 2654435761) >>> 13) & 0xff),
);

describe('readBytes', () => {
  it.each([1, 7, 1000, 1_000_000])('unpacks gzip that arrives in pieces of %d', async size => {
    const packed = gzipSync(noise.subarray(0, 5_000));
    expect(await drain(readBytes(inPieces(packed, size)))).toEqual({ bytes: noise.subarray(0, 5_000), fault: null });
  });

  it('leaves what is not gzip alone', async () => {
    expect((await drain(readBytes(inPieces(noise, 999)))).bytes.equals(noise)).toBe(true);
    expect((await drain(readBytes(Readable.from([Buffer.from([0x1f])])))).bytes).toEqual(Buffer.from([0x1f]));
    expect((await drain(readBytes(Readable.from([])))).bytes).toHaveLength(0);
  });

  it('reads concatenated gzip as one', async () => {
    const packed = Buffer.concat([gzipSync('one '), gzipSync('two')]);
    expect((await drain(readBytes(Readable.from([packed])))).bytes.toString()).toBe('one two');
  });

  it('gives what a truncated gzip still holds, then says truncated', async () => {
    const packed = gzipSync(noise);
    const { bytes, fault } = await drain(readBytes(inPieces(packed.subarray(0, packed.length - 500), 10_000)));
    expect(bytes.length).toBeGreaterThan(150_000);
    expect(noise.subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(fault).toBeInstanceOf(InputError);
    expect(fault).toMatchObject({ code: 'truncated' });
  });

  it('says corrupt where gzip data is damaged', async () => {
    const packed = Buffer.from(gzipSync(noise));
    packed.fill(0xff, 40_000, 40_100);
    const { bytes, fault } = await drain(readBytes(inPieces(packed, 10_000)));
    expect(fault).toMatchObject({ code: 'corrupt' });
    expect(bytes.length).toBeGreaterThan(0);
  });

  it('ignores padding after gzip', async () => {
    const packed = Buffer.concat([gzipSync('whole'), Buffer.alloc(100_000)]);
    expect(await drain(readBytes(inPieces(packed, 1_000)))).toEqual({ bytes: Buffer.from('whole'), fault: null });
  });

  it.each([0, 1, 4_095, 199_999, 200_000, 300_000])('skips to offset %d of the unpacked bytes', async skip_bytes => {
    for (const stored of [noise, gzipSync(noise)]) {
      const { bytes } = await drain(readBytes(inPieces(stored, 4_096), { skip_bytes }));
      expect(bytes.equals(noise.subarray(skip_bytes))).toBe(true);
    }
  });
});

describe('readFileBytes', () => {
  it('reads a file from an offset, plain or packed, and says what is missing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bytes-'));
    try {
      writeFileSync(join(dir, 'plain'), noise);
      writeFileSync(join(dir, 'packed.gz'), gzipSync(noise));
      for (const name of ['plain', 'packed.gz'])
        for (const skip_bytes of [0, 123_456]) {
          const { bytes, fault } = await drain(readFileBytes(join(dir, name), { skip_bytes }));
          expect(fault).toBeNull();
          expect(bytes.equals(noise.subarray(skip_bytes))).toBe(true);
        }
      expect((await drain(readFileBytes(join(dir, 'absent')))).fault).toMatchObject({ code: 'ENOENT' });
      expect((await drain(readFileBytes(dir))).fault).toMatchObject({ code: 'EISDIR' });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('peek', () => {
  it('shows the head and still gives the whole', async () => {
    const { head, rest } = await peek(readBytes(inPieces(noise, 100)), 1_000);
    expect(head.equals(noise.subarray(0, 1_000))).toBe(true);
    expect((await drain(rest)).bytes.equals(noise)).toBe(true);
  });

  it('keeps a fault of the head for the reader', async () => {
    const truncated = gzipSync('short').subarray(0, 15);
    const { rest } = await peek(readBytes(Readable.from([truncated])), 1_000);
    expect((await drain(rest)).fault).toMatchObject({ code: 'truncated' });
  });
});
