import { describe, expect, it } from 'vitest';
import { readHeaderBlock } from './header-block.ts';

const read = (mail: string) => {
  const { headers, bytes } = readHeaderBlock(Buffer.from(mail));
  return { headers, bytes: bytes.toString() };
};

describe('readHeaderBlock', () => {
  it('tells every header, folded ones in one line, and leaves the parser those it needs', () => {
    const mail =
      'Received: from a\r\n\tby b\r\nSubject: hi\r\n there\r\nX-Spam: no\r\nCONTENT-TYPE: text/plain\r\n\r\nbody';
    expect(read(mail)).toEqual({
      headers: [
        { name: 'received', value: 'from a \tby b' },
        { name: 'subject', value: 'hi  there' },
        { name: 'x-spam', value: 'no' },
        { name: 'content-type', value: 'text/plain' },
      ],
      bytes: 'Subject: hi\r\n there\r\nCONTENT-TYPE: text/plain\r\n\r\nbody',
    });
  });

  it.each([
    ['line feeds alone', 'To: a@x\n\nbody', 'To: a@x\r\n\nbody'],
    ['no body', 'To: a@x', 'To: a@x\r\n'],
    ['no header that is needed', 'X-Only: 1\n\nbody', '\nbody'],
    ['an empty line that is another kind of line end', 'To: a@x\n\r\nbody\n\nmore', 'To: a@x\r\n\r\nbody\n\nmore'],
  ])('keeps the body apart: %s', (_, mail, bytes) => {
    expect(read(mail).bytes).toBe(bytes);
  });

  it.each([
    ['a line that is no field', 'From a@x Mon\nTo: a@x\n\nbody'],
    ['a block that begins folded', ' folded\nTo: a@x\n\nbody'],
    ['a large block', `To: a@x\nX: ${'y'.repeat(70_000)}\n\nbody`],
  ])('leaves the parser all of %s', (_, mail) => {
    expect(read(mail)).toEqual({ headers: null, bytes: mail });
  });
});
