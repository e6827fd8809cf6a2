import { expect, it } from 'vitest';
import { etagOf, isKnown } from './etag.ts';

const etag = etagOf('what is answered');

it('is the same for the same bytes, and another for others', () => {
  expect(etag).toMatch(/^"[\w-]{22}"$/);
  expect(etagOf(Buffer.from('what is answered'))).toBe(etag);
  expect(etagOf('what is answered.')).not.toBe(etag);
});

it.each([etag, `W/${etag}`, `"other", ${etag}`, '*'])('is known to whoever names it as %s', named => {
  expect(isKnown(etag, named)).toBe(true);
});

it.each([undefined, '', '"other"', etag.slice(1, -1)])('is not known to whoever names %s', named => {
  expect(isKnown(etag, named)).toBe(false);
});
