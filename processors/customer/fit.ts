/** A lead score as two: whom we deal with, and what was done. */
import { sigmoid } from '../../lib/linear.ts';
import type { Customer, Reason } from '../../schemas/generated.ts';
import { roundLogOdds } from '../explain.ts';
import { standing_categories } from './lead-rules.ts';

export type Halves = Pick<Customer, 'fit' | 'engagement' | 'fit_log_odds' | 'engagement_log_odds'>;

/** What stands until it is said otherwise. Who sends bulk mail is somebody, whatever he sends next. */
const of_fit: ReadonlySet<string> = new Set([
  ...['public_mail_domain', 'automated_sender', 'mail_domain', 'stage', 'amount', 'outcome', 'average'],
  ...[...standing_categories].map(category => `mail_${category}`),
]);

/** Whether a reason is of whom we deal with. What was learned (`learned_…`) goes with what it was learned of. */
export function isFit(feature: string): boolean {
  return of_fit.has(feature.startsWith(learned) ? feature.slice(learned.length) : feature);
}

const learned = 'learned_';

/**
 * The reasons' log-odds by their kind: the score's log-odds are its bias plus both, to the last of their four decimals. Each
 * half is shown from 0 to 100 as 100·σ of its log-odds, so 50 speaks neither for nor against a sale, and the score's odds are
 * those of the bias times x / (100 − x) of either half, unrounded.
 */
export function halvesOf(reasons: readonly Pick<Reason, 'feature' | 'log_odds'>[]): Halves {
  let [fit, engagement] = [0, 0];
  for (const { feature, log_odds } of reasons) {
    if (isFit(feature)) fit += log_odds;
    else engagement += log_odds;
  }
  const [fit_log_odds, engagement_log_odds] = [roundLogOdds(fit), roundLogOdds(engagement)];
  return { fit: percent(fit_log_odds), engagement: percent(engagement_log_odds), fit_log_odds, engagement_log_odds };
}

const percent = (log_odds: number): number => Math.round(100 * sigmoid(log_odds));
