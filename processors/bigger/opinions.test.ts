import { describe, expect, it } from 'vitest';
import type { Consulted } from '../../schemas/generated.ts';
import { enrichMail } from '../mail/index.ts';
import { email, nobody } from '../test-records.ts';
import { categoryFrom, sentimentFrom } from './opinions.ts';

const nothing: Consulted = { sentiment: null, category: null, summary: null };
const opinion = (scores: Record<string, number>, failure = '') => ({ scores, model: 'onnx:big.01234567', failure });
const mail = email({ subject: 'Thank you', text: 'I love it, what a great answer.' });
const small = enrichMail(mail, nobody);

describe('the enrichment with a bigger model', () => {
  it('takes its sentiment, with the likeliest label', () => {
    const sentiment = opinion({ negative: 0.7, neutral: 0.2, positive: 0.1 });
    const found = enrichMail(mail, nobody, { consulted: { ...nothing, sentiment } });
    expect(found).toMatchObject({ sentiment: 'negative', sentiment_confidence: 0.7 });
    expect(found.sentiment_score).toBeCloseTo(-0.6);
    expect(found.models).toEqual({ ...small.models, sentiment: 'onnx:big.01234567' });
    // What follows from it follows from the same answer.
    expect(small.sentiment).toBe('positive');
    expect(found.importance).not.toBe(small.importance);
  });

  it('takes its category, and leaves spam to the model of spam', () => {
    const found = enrichMail(mail, nobody, {
      consulted: { ...nothing, category: opinion({ billing: 0.8, sales: 0.2 }) },
    });
    expect(found.category).toBe('billing');
    expect(Object.values(found.category_scores).reduce((a, b) => a + b)).toBeCloseTo(1);
    expect(found.spam).toBe(small.spam);
  });

  it('takes its summary', () => {
    const summary = { text: 'She is thankful.', model: 'chat:writer', failure: '' };
    const found = enrichMail(mail, nobody, { consulted: { ...nothing, summary } });
    expect(found.summary).toBe('She is thankful.');
    expect(found.models.summary).toBe('chat:writer');
  });

  it('is the small one where the bigger failed, and says so', () => {
    const consulted: Consulted = {
      sentiment: opinion({}, 'timeout'),
      category: opinion({}, 'resting'),
      summary: { text: '', model: 'chat:writer', failure: 'status' },
    };
    const found = enrichMail(mail, nobody, { consulted });
    expect(found).toEqual({ ...small, models: found.models });
    expect(found.models).toMatchObject({
      sentiment: `${small.models.sentiment} (fallback: timeout)`,
      category: `${small.models.category} (fallback: resting)`,
      summary: expect.stringContaining('(fallback: status)'),
    });
  });

  it('is the small one where nobody was asked', () => {
    expect(enrichMail(mail, nobody, { consulted: nothing })).toEqual(small);
    expect([sentimentFrom(null), categoryFrom(nothing)]).toEqual([null, null]);
  });
});
