import { describe, expect, it } from 'vitest';
import { Tokens } from '../text/tokens.ts';
import { entities_max, entitiesOf } from './index.ts';

const tokens = new Tokens();
const find = (text: string, known = true): string[] =>
  entitiesOf(tokens.read(text), known).map(({ type, text: name }) => `${type}: ${name}`);

describe('entitiesOf', () => {
  it.each([
    ['Hi Anna,\n\nthe order is late.', ['person: Anna']],
    ['Dear Mr. Johnson,\nplease call Dr. Sarah Miller.', ['person: Johnson', 'person: Sarah Miller']],
    [
      'We are Miller & Sons Inc. and buy from Acme GmbH.',
      ['organisation: Miller & Sons Inc.', 'organisation: Acme GmbH'],
    ],
    [
      "We met at Siemens' office in London and in New York.",
      ['organisation: Siemens', 'place: London', 'place: New York'],
    ],
    ["I read Anna's mail about the iPhone.", ['person: Anna', 'product: iPhone']],
    ['Peter Smith\nAnna Lee', ['person: Peter Smith', 'person: Anna Lee']],
  ])('names in %j', (text, names) => expect(find(text)).toEqual(names));

  it.each([
    'Best Regards',
    'Kind regards,',
    'Please Help!',
    'The Export button does not work. Could you look at it? Thank you for your help.',
    'Hello,\nHi all,\nDear Sir or Madam,',
    'Monday',
    '',
  ])('names nothing in %j', text => expect(find(text).filter(name => !name.startsWith('date'))).toEqual([]));

  it('keeps what a rule finds where two overlap, and their order', () => {
    const text = 'Acme GmbH, order ABC-1234, by Friday 6 May, ann@acme.test';
    const found = entitiesOf(tokens.read(text));
    expect(found.map(({ type }) => type)).toEqual(['organisation', 'order_number', 'date', 'email']);
    for (const { text: name, start, end } of found) expect(text.slice(start, end)).toBe(name);
    for (let at = 1; at < found.length; at++) expect(found[at]!.start).toBeGreaterThanOrEqual(found[at - 1]!.end);
  });

  it('leaves the model out where every noun has a capital', () => {
    const text = 'Anbei die Rechnung Nr. 12345 für die Lieferung nach Hamburg, Herr Müller.';
    expect(find(text, false)).toEqual(['order_number: 12345', 'person: Müller']);
  });

  it.each(['Anna ', 'a@b.test ', 'Mr ', 'A', 'GmbH ', '#', 'Miller & ', '1 May '])(
    'is bounded on a megabyte of %j',
    unit => {
      const started = performance.now();
      expect(entitiesOf(tokens.read(unit.repeat(Math.ceil(1_000_000 / unit.length)))).length).toBeLessThanOrEqual(
        entities_max,
      );
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );
});
