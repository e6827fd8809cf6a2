import { expect, it } from 'vitest';
import { replyOf, sharedAnswers, textOf } from './shared-answers.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function rig() {
  const texts = new Map<string, string>();
  const of = (secret: string, program_version = '1') =>
    sharedAnswers({
      secret,
      program_version,
      texts: {
        get: async key => (texts.has(key) ? { text: texts.get(key) as string, ttl_ms: 1_000 } : null),
        put: (key, text) => void texts.set(key, text),
        close: async () => undefined,
      },
    });
  return { texts, of };
}

it('an answer is told as it was, by the same program of the same installation alone', async () => {
  const { texts, of } = rig();
  const reply = { status: 200, headers: { etag: '"a"' }, body: bytes('{"a":"line\nbreak"}') };
  of('one').put('1 admin /api/emails?sender=ada@acme.example', reply, 1_000);
  const key = '1 admin /api/emails?sender=ada@acme.example';
  expect(await of('one').get(key)).toEqual({ value: reply, ttl_ms: 1_000 });
  expect(await of('other').get(key)).toBeNull();
  expect(await of('one', '2').get(key)).toBeNull();
  expect(await of('one').get(key.replace('admin', 'viewer'))).toBeNull();
  expect([...texts.keys()]).toEqual([expect.stringMatching(/^millrace:answer:[\w-]{43}$/)]);
});

it('what is no answer is none', () => {
  for (const text of ['', 'x', '{"a":1}', 'no json\n{}']) expect(replyOf(text)).toBeNull();
  expect(replyOf(textOf({ status: 200, body: '' }))).toEqual({ status: 200, headers: {}, body: bytes('') });
});
