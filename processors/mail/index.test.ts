import { describe, expect, it } from 'vitest';
import { categories } from '../../schemas/labels.ts';
import { acme, email, nobody } from '../test-records.ts';
import { importance_bias } from './importance.ts';
import { enrichMail, enrichText, mailModels } from './index.ts';

const understand = (given: Parameters<typeof email>[0]) => enrichMail(email(given), acme);
const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, each) => sum + each, 0);

describe('category', () => {
  it.each([
    [
      'sales',
      { subject: 'Pricing for 50 seats', text: 'Could you send a quote for the enterprise plan? We have budget.' },
    ],
    [
      'support',
      { subject: 'Error after login', text: 'The app crashes and I am unable to reset my password. Please help.' },
    ],
    ['billing', { subject: 'Invoice 4711', text: 'Please find the invoice. Payment of $300 is overdue.' }],
    [
      'scheduling',
      { subject: 'Reschedule our meeting', text: 'Are you available on Tuesday at 3 pm? My calendar is free.' },
    ],
    [
      'recruiting',
      { subject: 'Candidate for the position', text: 'I attach her resume and cover letter for the interview.' },
    ],
    ['legal', { subject: 'NDA', text: 'Our counsel marked two clauses on liability in the agreement.' }],
    ['personal', { text: 'Happy birthday! Dinner with the kids this weekend?' }],
    [
      'spam',
      {
        subject: 'MAKE MILLIONS FROM HOME NOW!!',
        text: 'Dear friend, guaranteed income, risk free! Click here! Offer!!',
      },
    ],
    ['other', { text: 'The grass is green.' }],
    ['other', {}],
    [
      'newsletter',
      {
        headers: { 'list-unsubscribe': '<mailto:u@news.test>', 'list-id': '<news.test>' },
        subject: 'Our pricing demo webinar',
        text: 'Read more in this edition of our newsletter.',
      },
    ],
    [
      'notification',
      {
        headers: { 'auto-submitted': 'auto-generated' },
        from: { name: '', address: 'no-reply@tool.test' },
        text: 'Your password was changed.',
      },
    ],
  ] as const)('%s', (category, given) => {
    expect(understand(given as Parameters<typeof email>[0]).category).toBe(category);
  });

  it('gives every category a probability, and they sum to 1', () => {
    const { category_scores } = understand({
      subject: 'Invoice',
      text: 'meeting about the contract, 100 % guaranteed!',
    });
    expect(Object.keys(category_scores)).toEqual([...categories]);
    expect(total(Object.values(category_scores))).toBeCloseTo(1, 12);
  });
});

describe('importance', () => {
  const plain = { text: 'The grass is green.' };
  const importance = (given: Parameters<typeof email>[0]): number => understand({ ...plain, ...given }).importance;

  it('is the sum of its reasons', () => {
    const { importance: score, importance_reasons } = understand({
      subject: 'URGENT: outage',
      text: 'Nothing works! Could you call me today? This is horrible.',
      in_reply_to: '<1@a.test>',
    });
    const log_odds = importance_bias + total(importance_reasons.map(reason => reason.log_odds));
    expect(Math.round(100 / (1 + Math.exp(-log_odds)))).toBe(score);
    expect(score).toBeGreaterThan(80);
    expect(importance_reasons.find(({ feature }) => feature === 'urgent')).toMatchObject({ evidence_id: 'mail-1' });
  });

  it('hears no request in an automatic reply', () => {
    const { automatic, importance_reasons } = understand({
      subject: 'Automatic reply: Quote',
      text: 'I am out of the office. For urgent matters, could you please call Carol?',
    });
    expect(automatic).toBe('auto_reply');
    const features = importance_reasons.map(({ feature }) => feature);
    expect(features).not.toContain('asks');
    expect(features).not.toContain('urgent');
  });

  it('moves as a reader would expect', () => {
    expect(importance({ text: 'The grass is green. Could you call me?' })).toBeGreaterThan(importance({}));
    expect(importance({ in_reply_to: '<1@a.test>' })).toBeGreaterThan(importance({}));
    expect(importance({ headers: { importance: 'High' } })).toBeGreaterThan(importance({}));
    expect(importance({ headers: { 'x-priority': '5 (Lowest)' } })).toBeLessThan(importance({}));
    expect(importance({ headers: { precedence: 'bulk' } })).toBeLessThan(importance({}));
    expect(importance({ from: { name: '', address: 'no-reply@customer.test' } })).toBeLessThan(importance({}));
    expect(
      importance({ to: Array.from({ length: 40 }, (_, at) => ({ name: '', address: `${at}@a.test` })) }),
    ).toBeLessThan(importance({}));
  });
});

describe('direction', () => {
  const ann = { name: '', address: 'ann@customer.test' };
  const bob = { name: '', address: 'bob@eu.acme.test' };
  const eve = { name: '', address: 'eve@acme.test' };
  const direction = (from: typeof ann, ...to: (typeof ann)[]) => understand({ from, to }).direction;

  it('goes by whose addresses are ours', () => {
    expect(direction(ann, bob)).toBe('inbound');
    expect(direction(bob, ann, eve)).toBe('outbound');
    expect(direction(bob, eve)).toBe('internal');
    expect(direction(bob)).toBe('outbound');
    expect(direction({ name: '', address: 'x@notacme.test' }, bob)).toBe('inbound');
    expect(enrichMail(email({ from: ann }), { domains: [], addresses: ['ann@customer.test'] }).direction).toBe(
      'outbound',
    );
    expect(enrichMail(email({ from: bob, to: [eve] }), nobody).direction).toBe('inbound');
  });
});

describe('enrichMail', () => {
  it('is deterministic, leaves its input alone and names its models', () => {
    const mail = email({ subject: 'Quote', text: 'Could you send a quote? Thanks!' });
    const before = structuredClone(mail);
    const first = enrichMail(mail, acme);
    expect(enrichMail(mail, acme)).toEqual(first);
    expect(mail).toEqual(before);
    expect(first.models).toEqual(Object.fromEntries(mailModels.map(({ name, version }) => [name, version])));
  });

  it("leaves a reply's subject, which another wrote, out of the tone", () => {
    const given = { subject: 'Re: This is horrible', text: 'Solved.' };
    expect(understand({ ...given, in_reply_to: '<1@a.test>' }).sentiment_score).toBeGreaterThan(
      understand(given).sentiment_score,
    );
  });

  it('understands a text that is no mail', () => {
    expect(enrichText('Could you send pricing? I love your product.')).toMatchObject({
      sentiment: 'positive',
      category: 'sales',
    });
    expect(enrichText('x')).not.toHaveProperty('direction');
  });

  it.each(['!', '(', '$1', 'a', 'please ', 'invoice ', '😀', "'", 'a@', '\u0000', '\ud800'])(
    'is quick on a mail full of %j',
    unit => {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const started = performance.now();
      const { importance } = understand({
        subject: text,
        text,
        from: { name: text, address: text },
        headers: { 'list-id': text, precedence: text, importance: text },
      });
      expect(importance).toBeGreaterThanOrEqual(0);
      expect(importance).toBeLessThanOrEqual(100);
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );

  it('treats names of object members as plain words', () => {
    const { category_scores } = understand({ text: 'constructor __proto__ toString hasOwnProperty' });
    expect(total(Object.values(category_scores))).toBeCloseTo(1, 12);
  });
});

describe('the content', () => {
  const reply = {
    from: { name: 'Ann Lee', address: 'ann@customer.test' },
    text: 'Hi Bob,\n\nI love the chairs.\n\nOn 6 May 2024, Bob <bob@acme.test> wrote:\n> This is horrible.\n\nBest regards,\nAnn Lee\nAcme Tools Ltd',
  };

  it("is judged by the writer's own words", () => {
    const { sentiment, summary, signature } = understand(reply);
    expect(sentiment).toBe('positive');
    expect(summary).toBe('I love the chairs.');
    expect(signature).toMatchObject({ name: 'Ann Lee', company: 'Acme Tools Ltd' });
  });

  it('is of the category of what is passed on, and has neither its tone nor its wishes', () => {
    const below = 'Could you correct the invoice? The payment of $300 is overdue. This is horrible.';
    const mail = { subject: 'Fwd: today', text: 'I love it.' };
    const quoted_text = `---------- Forwarded message ---------\nFrom: Bob <bob@acme.test>\n\n${below}`;
    const [alone, passed_on, answer] = [
      understand(mail),
      understand({ ...mail, quoted_text }),
      understand({ ...mail, subject: 'Re: today', quoted_text: `From: Bob <bob@acme.test>\nSent: today\n\n${below}` }),
    ];
    expect(alone.category).toBe('other');
    expect(passed_on.category).toBe('billing');
    expect(answer.category).toBe('other');
    for (const of of ['sentiment', 'sentiment_score', 'asks', 'spam', 'automatic', 'summary', 'entities'] as const)
      expect(passed_on[of]).toEqual(alone[of]);
  });

  it('names people and what rules find, where they stand', () => {
    const { entities } = understand(reply);
    const found = entities.map(({ type, text }) => `${type} ${text}`);
    expect(found).toEqual(expect.arrayContaining(['person Bob', 'email bob@acme.test', 'organisation Acme Tools Ltd']));
    for (const { text, start, end } of entities) expect(reply.text.slice(start, end)).toBe(text);
  });

  it('is unscored in a language that the model does not know', () => {
    const text = 'Guten Tag, die Lieferung ist leider noch nicht angekommen, das ist super schlecht.';
    expect(understand({ text })).toMatchObject({ language: 'de', sentiment: 'unscored', sentiment_score: 0 });
    expect(enrichText(text)).toMatchObject({ language: 'de', sentiment: 'unscored' });
    expect(enrichText('I love it')).toMatchObject({ sentiment: 'positive' });
  });
});
