import { describe, expect, it } from 'vitest';
import { sigmoid } from '../../lib/linear.ts';
import type { LeadModel } from '../../schemas/generated.ts';
import { day_ms, noon_ms, profileAfter } from '../test-records.ts';
import { halvesOf, isFit } from './fit.ts';
import { leadFeatures } from './lead-features.ts';
import { lead_bias } from './lead-rules.ts';
import { score } from './score.ts';

const asked = { kind: 'mail_in', category: 'sales', sentiment_score: 0.4 } as const;
const proposed = { kind: 'crm', name: 'deal', stage: 'proposal', amount: 900 } as const;

describe('fit and engagement', () => {
  it.each([1, 0.3, -0.7])('are the whole score with its bias, with what was learned at %d too', weight => {
    const profile = profileAfter(
      asked,
      { kind: 'mail_out' },
      asked,
      { kind: 'event', name: 'trial_started' },
      proposed,
    );
    const weights = leadFeatures(profile, noon_ms).map(({ feature }, at) => ({ feature, weight: weight / (at + 1) }));
    const model = { version: 1, weights } as unknown as LeadModel;
    for (const days of [0, 3, 17, 200]) {
      const found = score(profile, noon_ms + days * day_ms, model);
      const { bias, fit_log_odds, engagement_log_odds } = found;
      expect(bias).toBe(lead_bias);
      expect(bias + fit_log_odds + engagement_log_odds).toBeCloseTo(found.log_odds, 10);
      expect(Math.round(100 * sigmoid(bias + fit_log_odds + engagement_log_odds))).toBe(found.score);
      const odds = (log_odds: number): number => Math.exp(log_odds);
      expect(odds(bias) * odds(fit_log_odds) * odds(engagement_log_odds)).toBeCloseTo(odds(found.log_odds), 9);
      expect(found.fit).toBe(Math.round(100 * sigmoid(fit_log_odds)));
      expect(found.engagement).toBe(Math.round(100 * sigmoid(engagement_log_odds)));
    }
  });

  it('are 50 of whom nothing is known', () => {
    expect(halvesOf([])).toEqual({ fit: 50, engagement: 50, fit_log_odds: 0, engagement_log_odds: 0 });
  });

  it('tell who somebody is from what he does', () => {
    const stage = profileAfter(proposed).customer;
    const mail = profileAfter(asked).customer;
    expect([stage.fit > 50, stage.engagement, mail.fit, mail.engagement > 50]).toEqual([true, 50, 50, true]);
    const bulk = profileAfter({ ...asked, category: 'newsletter', person_id: 'no-reply@shop.test' }).customer;
    expect([bulk.fit < 10, bulk.engagement > 50]).toEqual([true, true]);
    const later = score(profileAfter(asked, proposed), noon_ms + 90 * day_ms);
    expect(later).toMatchObject({ fit: stage.fit });
    expect(later.engagement).toBeLessThan(mail.engagement);
  });

  it('part what was learned by what it was learned of', () => {
    const fit = ['stage', 'learned_stage', 'learned_mail_domain', 'learned_average', 'mail_newsletter', 'outcome'];
    const done = [
      'mail_sales',
      'learned_mail_sales',
      'reply',
      'sentiment',
      'learned_days_since',
      'event_stage',
      'learned_event_outcome',
    ];
    expect([...fit, ...done].filter(isFit)).toEqual(fit);
  });
});
