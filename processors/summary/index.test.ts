import { describe, expect, it } from 'vitest';
import { segmentsOf } from '../text/segments.ts';
import { Tokens } from '../text/tokens.ts';
import { summary_chars_max, summaryOf } from './index.ts';

const tokens = new Tokens();
const summary = (text: string, hints = {}): string => summaryOf(tokens.read(text), hints);

const long = [
  'Hi Ann,',
  '',
  'We ordered twenty chairs from you in March. I hope you had a nice weekend by the lake. It rained here all the time.',
  'The chairs arrived yesterday and four of the chairs are broken. My colleague took a few pictures.',
  'Could you send four new chairs before Friday? The weather should be better by then.',
].join('\n');

describe('summaryOf', () => {
  it('leaves a short text as it is, on one line', () => {
    expect(summary('The order\nis late. Where is it?')).toBe('The order is late. Where is it?');
    expect(summary('')).toBe('');
  });

  it('takes the sentences that say what a text is about, in its order', () => {
    const text = summary(long);
    expect(text).toContain('four of the chairs are broken');
    expect(text).toContain('Could you send four new chairs before Friday?');
    expect(text).not.toMatch(/rained|weather|Hi Ann/);
    expect(text.indexOf('broken')).toBeLessThan(text.indexOf('Could'));
  });

  it('hears what asks for something, and what is named', () => {
    const text =
      'Red is fine. Blue is fine. Green is fine. Grey is fine. Black is fine. White is fine now. Pink is fine.';
    const asked = (place: number): string => summary(text, { asks: (at: number) => Number(at === place) });
    expect(asked(4)).toContain('Black');
    expect(asked(5)).toContain('White');
    const start = text.indexOf('Pink');
    const sums = Array.from({ length: 3 }, (_, at) => ({ type: 'money', start: start + at, end: start + at + 1 }));
    expect(summary(text, { entities: sums })).toContain('Pink');
  });

  it('leaves out greetings, manners and partings of several languages, unless there is nothing else', () => {
    const facts = 'Order 4711 is broken. It came on Monday. Please send another.';
    for (const [before, behind] of [
      ['I hope this email finds you well.', 'Please do not hesitate to contact me if you have any questions.'],
      ['Dear Ms Lee and Mr Miller,\n\nThank you for your message.', 'Cheers'],
      ['Sehr geehrte Damen und Herren,\n\nvielen Dank für Ihre Nachricht.', 'Mit freundlichen Grüßen'],
      ['Bonjour Madame Dupont,\n\nMerci pour votre message.', 'Cordialement'],
    ])
      expect(summary(`${before} ${facts}\n\n${behind}`)).toBe(facts);
    expect(summary('I hope this email finds you well.')).toBe('I hope this email finds you well.');
    expect(summary('Dear customer, your account is closed!!! It is late. Pay now. Or else.')).toContain('closed');
    expect(summary('Good job, all of you! It works. It is fast. Well done.')).toContain('Good job');
  });

  it('does not stop at a full stop that ends no sentence', () => {
    const text = 'Die Rechnung Nr. Vier ist bis zum 12. Mai 2024 offen. Zahlen Sie bitte bald.';
    expect(summary(`${text} Das war es. Ja.`)).toContain(text.slice(0, 50));
    expect(summary('We need 12. May I have them? It is late. It is cold.')).not.toContain('12. May I have them? It');
  });

  it("reads the writer's own words alone", () => {
    const text = 'One is late. Two is late. Three is late.\n\n> Quoted words. More quoted words.\n\n-- \nAnn';
    const own = segmentsOf(text).filter(({ kind }) => kind === 'own');
    expect(summary(text, { own })).not.toMatch(/uoted|Ann/);
  });

  it('is bounded', () => {
    for (const unit of ['word ', 'Long word. ', 'a', '?', '\n\nx', '🙂'])
      expect(summary(unit.repeat(20_000)).length).toBeLessThanOrEqual(summary_chars_max);
  });
});
