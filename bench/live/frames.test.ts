import { expect, it } from 'vitest';
import { clientFrame, eachFrame, opcode } from './frames.ts';

/** A server's frame. */
function frame(code: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | code, length]), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | code;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

it('finds the frames that are whole, whatever their length, and leaves the rest', () => {
  const lengths = [0, 1, 125, 126, 65_535, 65_536];
  const bytes = Buffer.concat(lengths.map(length => frame(opcode.text, Buffer.alloc(length, 'x'))));
  for (const missing of [0, 1, 65_535, 65_546]) {
    const found: number[] = [];
    const taken = eachFrame(bytes.subarray(0, bytes.length - missing), (code, start, end) => {
      expect(code).toBe(opcode.text);
      found.push(end - start);
    });
    expect(found).toEqual(missing === 0 ? lengths : lengths.slice(0, -1));
    expect(taken).toBe(bytes.length - (missing === 0 ? 0 : 65_546));
  }
});

it('refuses what is no whole message of a server', () => {
  expect(() => eachFrame(Buffer.from([0x01, 0x00]), () => undefined)).toThrow();
  expect(() => eachFrame(clientFrame(opcode.text, 'masked'), () => undefined)).toThrow();
});

it('writes frames as a client must', () => {
  expect(clientFrame(opcode.pong)).toEqual(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
  const long = clientFrame(opcode.text, 'x'.repeat(300));
  expect([...long.subarray(0, 4)]).toEqual([0x81, 0x80 | 126, 1, 44]);
  expect(long.length).toBe(2 + 2 + 4 + 300);
});
