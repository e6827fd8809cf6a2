import { describe, expect, it } from 'vitest';
import { chars_max, whatIsSaid } from './thread-summary.ts';

const mail = (email_id: string, sender: string, summary: string) => ({
  email_id,
  sender,
  sender_name: '',
  received_at: '2026-01-05T10:00:00.000Z',
  summary,
});
const said = (...summaries: string[]): string[] =>
  whatIsSaid(summaries.map((summary, at) => mail(`${at}`, '', summary))).map(({ text }) => text);

describe('what is said in a thread', () => {
  it('is told with who said it in which mail, in the order of the mails', () => {
    const [ann, bob] = ['ann@north.example', 'bob@maple.example'];
    const sayings = whatIsSaid([
      mail('a', ann, 'The printer is broken. It rains here. I was away all week.'),
      mail('b', bob, 'Which printer is it?'),
      mail('c', ann, 'The grey printer on the third floor. Can you send a new printer?'),
    ]);
    expect(sayings.map(({ email_id, sender, text }) => [email_id, sender, text])).toEqual([
      ['a', ann, expect.stringMatching(/^The printer is broken\./)],
      ['b', bob, 'Which printer is it?'],
      ['c', ann, 'The grey printer on the third floor. Can you send a new printer?'],
    ]);
  });

  it('has nothing of a mail whose words are withheld', () => {
    expect(said('', 'The order is late.', '')).toEqual(['The order is late.']);
    expect(said('', '')).toEqual([]);
    expect(said()).toEqual([]);
  });

  it('tells the same once, as who said it first', () => {
    const sayings = whatIsSaid(['a', 'b', 'c'].map(id => mail(id, '', id === 'c' ? 'Which order?' : 'It is late.')));
    expect(sayings.map(({ email_id, text }) => [email_id, text])).toEqual([
      ['a', 'It is late.'],
      ['c', 'Which order?'],
    ]);
  });

  it('parts sentences, and not where a full stop ends none', () => {
    const filler = Array.from({ length: 6 }, (_, at) => `The number ${at}x of many things and more things.`).join(' ');
    const [text] = said(`Dr. Who comes on the 3. March with Mr. Smith? ${filler}`);
    expect(text).toMatch(/^Dr\. Who comes on the 3\. March with Mr\. Smith\?/);
    expect(text).not.toContain('5x');
  });

  it('is bounded, also of many long mails', () => {
    for (const unit of ['word ', 'A long word. ', '?', 'x', '1. ', '🙂']) {
      const sayings = said(...Array.from({ length: 500 }, () => unit.repeat(1_000)));
      expect(sayings.join(' ').length).toBeLessThanOrEqual(chars_max);
      expect(sayings.length).toBeLessThanOrEqual(5);
    }
    const many = Array.from({ length: 200 }, (_, at) => `Sentence number n${at} of this thread.`);
    expect(said(...many)[0]).toBe(many[0]);
  });
});
