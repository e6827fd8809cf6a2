/** As much of RFC 6455 as a subscriber needs that only counts: frames of a server, and small ones for it. */
import { randomBytes } from 'node:crypto';

export const opcode = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/**
 * Tells each whole frame in `bytes`: its opcode, and where its payload begins and ends. Answers how many bytes those frames
 * take; what follows is the beginning of another. Throws on a frame that is a part of a message, or has 4 GiB.
 */
export function eachFrame(bytes: Buffer, take: (opcode: number, start: number, end: number) => void): number {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const first = bytes[at] as number;
    const short = bytes[at + 1] as number;
    if ((first & 0xf0) !== 0x80 || short > 127) throw new Error('not a whole message of a server');
    const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2);
    if (start > bytes.length) return at;
    if (short === 127 && bytes.readUInt32BE(at + 2) !== 0) throw new Error('a frame of 4 GiB');
    const length = short === 127 ? bytes.readUInt32BE(at + 6) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (start + length > bytes.length) return at;
    at = start + length;
    take(first & 0x0f, start, at);
  }
  return at;
}

/** A client's frame, of at most 65,535 bytes. Masked, as it must be, with a mask that leaves the bytes as they are. */
export function clientFrame(code: number, text = ''): Buffer {
  const payload = Buffer.from(text);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  const [first = 0, ...more] = length;
  return Buffer.concat([Buffer.from([0x80 | code, 0x80 | first, ...more, 0, 0, 0, 0]), payload]);
}

/** The request that opens a socket. */
export function handshake(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');
}
