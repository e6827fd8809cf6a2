import { describe, expect, it } from 'vitest';
import { ReplyReader } from './reply.ts';

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('the end of a reply', () => {
  it.each([
    ['with a length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: y\r\n\r\nhello', 200, 5],
    ['without a body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200, 0],
    ['that is known', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304, 0],
    ['in chunks', `${chunked}5\r\nhello\r\n0a\r\n0123\r\n6789\r\n0\r\n\r\n`, 200, 15],
    ['in no chunk', `${chunked}0\r\n\r\n`, 200, 0],
  ])('of one %s is found however its bytes come', (_, text, status, body_bytes) => {
    const bytes = Buffer.from(text, 'latin1');
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new ReplyReader();
      for (let again = 0; again < 2; again++) {
        for (let at = 0; at < bytes.length; at += size) {
          expect(reader.push(bytes.subarray(at, at + size))).toBe(at + size >= bytes.length);
        }
        expect(reader).toMatchObject({ status, body_bytes });
        reader.reset();
      }
    }
  });

  it.each([
    ['what is no reply', 'SSH-2.0\r\n\r\n'],
    ['more than one', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1'],
    ['a chunk without a length', `${chunked}hello\r\n`],
  ])('of %s is refused', (_, text) => {
    expect(() => new ReplyReader().push(Buffer.from(text))).toThrow();
  });
});
