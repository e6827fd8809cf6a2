import { describe, expect, it } from 'vitest';
import { sigmoid } from '../../lib/linear.ts';
import { day_ms, noon_ms, profileAfter } from '../test-records.ts';
import { score } from './score.ts';

const scoreOf = (...given: Parameters<typeof profileAfter>): number => profileAfter(...given).customer.score;
const asked = { kind: 'mail_in', category: 'sales', sentiment_score: 0.2 } as const;
const event = (name: string) => ({ kind: 'event', name }) as const;
const crm = (stage: string | null, outcome: 'won' | 'lost' | null = null) =>
  ({ kind: 'crm', name: 'deal', stage, outcome }) as const;

describe('score', () => {
  it('is the sum of its reasons, each with its evidence', () => {
    const { customer } = profileAfter(
      asked,
      { kind: 'mail_out' },
      asked,
      event('com.example.trial_started'),
      crm('Proposal sent'),
    );
    expect(customer.reasons.reduce((sum, each) => sum + each.log_odds, customer.bias)).toBe(customer.log_odds);
    expect(Math.round(100 * sigmoid(customer.log_odds))).toBe(customer.score);
    const points = customer.reasons.reduce((sum, each) => sum + each.points, 100 * sigmoid(customer.bias));
    expect(points).toBeCloseTo(100 * sigmoid(customer.log_odds), 9);
    expect(Object.fromEntries(customer.reasons.map(({ feature, evidence_id }) => [feature, evidence_id]))).toEqual({
      mail_sales: 'i2',
      reply: 'i2',
      sentiment: 'i0',
      event_trial_started: 'i3',
      stage: 'i4',
    });
  });

  it('moves as a seller would expect', () => {
    expect(scoreOf(asked)).toBeGreaterThan(scoreOf({ ...asked, category: 'other' }));
    expect(scoreOf(asked, asked)).toBeGreaterThan(scoreOf(asked));
    expect(scoreOf({ kind: 'mail_out' }, asked)).toBeGreaterThan(scoreOf(asked));
    expect(scoreOf({ ...asked, sentiment_score: 0.9 })).toBeGreaterThan(scoreOf({ ...asked, sentiment_score: -0.9 }));
    expect(scoreOf(asked, event('limit_reached'))).toBeGreaterThan(scoreOf(asked));
    expect(scoreOf(asked, event('subscription.cancelled'))).toBeLessThan(scoreOf(asked));
    expect(scoreOf(crm('Negotiation'))).toBeGreaterThan(scoreOf(crm('Qualified')));
    expect(scoreOf(crm('Closed Lost'))).toBeLessThan(scoreOf(crm('Qualified')));
    expect(scoreOf({ ...asked, person_id: 'ann@gmail.com' })).toBeLessThan(scoreOf(asked));
  });

  it('says won and lost plainly', () => {
    expect(profileAfter(crm('Closed Won', 'won')).customer).toMatchObject({ outcome: 'won', grade: 'A' });
    expect(profileAfter(asked, asked, crm(null, 'lost')).customer).toMatchObject({ outcome: 'lost', grade: 'E' });
  });

  it('never makes a bulk sender a lead, however much comes and however old it is', () => {
    const newsletters = Array.from({ length: 30 }, () => ({ ...asked, category: 'newsletter', sentiment_score: 0.9 }));
    const profile = profileAfter(asked, ...newsletters);
    expect(profile.customer.grade).toBe('E');
    expect(score(profile, noon_ms + 1_000 * day_ms).grade).toBe('E');
    expect(scoreOf({ ...asked, person_id: 'no-reply@shop.test' })).toBeLessThan(10);
  });

  it('decays as behaviour grows old, in the time it is given', () => {
    const profile = profileAfter(asked, event('trial_started'));
    const scores = [0, 10, 30, 90, 3_650].map(days => score(profile, noon_ms + days * day_ms).log_odds);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(score(profile, noon_ms).score).toBe(profile.customer.score);
  });

  it('counts repetition less and less', () => {
    const views = (count: number): number =>
      scoreOf(event('page_viewed'), ...Array.from({ length: count - 1 }, () => event('page_viewed')));
    expect(views(200)).toBeLessThan(scoreOf(event('trial_started')));
    expect(views(5)).toBeGreaterThanOrEqual(views(1));
  });

  it('is sure of little when little was seen', () => {
    expect(profileAfter(asked).customer.confidence).toBeCloseTo(1 / 6 / 2, 12);
    const long = profileAfter(asked, ...Array.from({ length: 94 }, () => asked));
    expect(long.customer.confidence).toBeCloseTo(0.95 / 2, 12);
  });

  it.each(['constructor', '__proto__', 'x'.repeat(1_000_000), '.'.repeat(1_000_000), ''])(
    'has no opinion on events, stages and categories it does not know',
    name => {
      const { customer } = profileAfter(
        event(name),
        { ...crm(name), occurred_at_ms: noon_ms + 1 },
        { ...asked, category: name },
      );
      expect(customer.reasons.map(({ feature }) => feature)).toEqual(['sentiment']);
    },
  );
});
