import { describe, expect, it } from 'vitest';
import { modelNamed } from '../models.ts';
import { email } from '../test-records.ts';
import { readMail } from './reading.ts';
import { spamOf } from './spam.ts';
import { SpamModel } from './spam-model.ts';

type Given = Parameters<typeof email>[0];
const spam = (given: Given): number => {
  const mail = email(given);
  return spamOf(mail, readMail(mail));
};

const fraud: Given = {
  subject: 'MAKE $5000 A WEEK FROM HOME!!!',
  text: 'Dear friend, earn money from home with no risk! Guaranteed income, click here to order now! To be removed from our mailing list click here.',
};

describe('spam', () => {
  it('knows it', () => {
    expect(spam(fraud)).toBeGreaterThan(0.5);
  });

  it.each<[string, Given]>([
    ['a question', { subject: 'Quote', text: 'Could you send a quote for 50 seats? We have budget for it this year.' }],
    [
      'a newsletter',
      {
        subject: 'Your weekly garden news!',
        text: 'Plant garlic now. Offer: free shipping on orders over $30. Click here to read more. To unsubscribe, click here.',
      },
    ],
    [
      'a receipt',
      { subject: 'Your order 4711 has shipped', text: 'Thank you for your order. Total: $38.42. Click to track it.' },
    ],
    ['nothing', {}],
  ])('does not take %s for it', (_, given) => {
    expect(spam(given)).toBeLessThan(0.5);
  });

  it('thinks better of answers and of lists', () => {
    expect(spam({ ...fraud, in_reply_to: '<1@a.test>' })).toBeLessThan(spam(fraud));
    expect(spam({ ...fraud, headers: { 'list-unsubscribe': '<mailto:u@a.test>' } })).toBeLessThan(spam(fraud));
  });

  it('goes by no list tag, no host and no line that a list appends', () => {
    const base = { subject: 'Make money', text: 'Earn more at http://a.test/x today' };
    expect(spam({ ...base, subject: 'Re: [some-list] Make money' })).toBe(spam(base));
    expect(spam({ ...base, text: 'Earn more at http://other.test/y?z=1 today' })).toBe(spam(base));
    const footer = '\n____________________________\nSome mailing list';
    expect(spam({ ...base, text: base.text + footer })).toBeCloseTo(spam(base), 3);
  });

  it('refuses a model whose features are others', () => {
    const shipped = modelNamed('spam');
    expect(() => new SpamModel({ ...shipped, spec: { ...shipped.spec, norm: 9 } })).toThrow('other features (norm)');
  });
});
