import { expect, it } from 'vitest';
import { email } from '../test-records.ts';
import { messagesFor, plainSummary } from './summary.ts';

it("sends the subject and the writer's own words, no more than it may", () => {
  const mail = email({ subject: 'Order', text: 'a'.repeat(50), quoted_text: 'quoted words', to: [] });
  const [system, user] = messagesFor(mail, 20);
  expect(system?.role).toBe('system');
  expect(user).toEqual({ role: 'user', content: `Subject: Order\n\n${'a'.repeat(20)}` });
});

it('is plain text on one line', () => {
  expect(plainSummary(' One.\r\n\n\u001b[31mTwo\u0000.\t ', 100)).toBe('One. [31mTwo .');
  // Right-to-left override and a lone surrogate.
  expect(plainSummary('pay \u202eEUR\ud800 5', 100)).toBe('pay EUR 5');
});

it('is cut with a sign of it, and no character in two', () => {
  expect(plainSummary('abcdefghij', 10)).toBe('abcdefghij');
  expect(plainSummary('abcdefghijk', 10)).toBe('abcdefghi…');
  expect(plainSummary('abcdefgh😀😀😀', 10)).toBe('abcdefgh…');
  expect(plainSummary('x '.repeat(1_000_000), 40).length).toBeLessThanOrEqual(40);
});
