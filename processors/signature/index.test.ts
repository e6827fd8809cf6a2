import { describe, expect, it } from 'vitest';
import { no_signature, signatureOf } from './index.ts';

const ann = { name: 'Ann Lee', address: 'ann@acme.test' };

describe('signatureOf', () => {
  it.each([
    [
      'lines',
      'Best regards,\nAnn Lee\nHead of Purchasing\nAcme Tools Ltd\nTel: +44 20 7946 0018\nFax: +44 20 7946 0019',
      { name: 'Ann Lee', title: 'Head of Purchasing', company: 'Acme Tools Ltd', phone: '+44 20 7946 0018' },
    ],
    [
      'parts of a line',
      '-- \nDr. Ann Lee | CTO | Acme\n+1 555-123-4567',
      { name: 'Ann Lee', title: 'CTO', company: 'Acme', phone: '+1 555-123-4567' },
    ],
    [
      'German',
      'Mit freundlichen Grüßen\nJürgen von Müller\nGeschäftsführer\nMüller & Söhne GmbH\nTelefon 030 1234567',
      { name: 'Jürgen von Müller', title: 'Geschäftsführer', company: 'Müller & Söhne GmbH', phone: '030 1234567' },
    ],
    ['a first name', 'Ann', { name: 'Ann', title: '', company: '', phone: '' }],
  ])('reads %s', (_, text, expected) => {
    const from = text.includes('Jürgen') ? { name: '', address: 'jm@mueller.test' } : ann;
    expect(signatureOf(text, from)).toEqual(expected);
  });

  it.each(['', 'Best regards', 'www.acme.test', 'Berlin 12345', 'see you soon', 'Bob'])('finds nothing in %j', text => {
    expect(signatureOf(text, ann)).toEqual(no_signature);
  });

  it("takes another person's name for nobody's", () => {
    expect(signatureOf('Robert Smith', ann).name).toBe('');
  });

  it.each(['a ', ' - ', ', ', 'A b', '\n', 'A'])('takes a megabyte of %j in little time', unit => {
    const started = performance.now();
    signatureOf(unit.repeat(300_000), ann);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
