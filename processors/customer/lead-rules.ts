import type { Outcome } from '../../schemas/generated.ts';

/** The rules of the lead score, in log-odds of being won: judgements, which outcomes correct as they are learned. */
export const lead_rules_version = 'lead-prior-1';

/** Of a person of whom nothing is known: 10 of 100. */
export const lead_bias = -2.2;

/** A reply to us, while it is fresh. */
export const reply_log_odds = 0.6;

/** The decayed mean tone of the person's mails, −1 to 1, times this. */
export const sentiment_log_odds = 0.8;

export const public_mail_domain_log_odds = -0.4;

/** An address that no person reads. */
export const automated_sender_log_odds = -3;

/** What one inbound mail of a category adds, while it is fresh. Who sends bulk mail is no lead, however much of it comes. */
export const mail_log_odds: Readonly<Record<string, number>> = {
  sales: 1.2,
  scheduling: 0.6,
  legal: 0.5,
  billing: 0.3,
  support: 0.2,
  personal: 0.1,
  other: 0.1,
  recruiting: -0.8,
  notification: -1.8,
  newsletter: -2.5,
  spam: -3,
};

/** Bulk senders do not become leads by falling silent, so what these categories say does not decay. */
export const standing_categories: ReadonlySet<string> = new Set(['notification', 'newsletter', 'spam']);

/** What an event adds, by the end of its type: `com.example.trial_started` and `trial.started` are both `trial_started`. */
export const event_log_odds: Readonly<Record<string, number>> = {
  demo_requested: 2.0,
  contact_requested: 1.4,
  pricing_viewed: 0.6,
  trial_started: 1.4,
  signed_up: 0.9,
  signup: 0.9,
  user_signed_up: 0.9,
  limit_reached: 1.1,
  teammate_invited: 0.9,
  member_invited: 0.9,
  integration_connected: 0.8,
  checkout_started: 1.5,
  purchased: 1.5,
  feature_used: 0.2,
  login: 0.15,
  logged_in: 0.15,
  page_viewed: 0.1,
  page_view: 0.1,
  email_opened: 0.05,
  email_clicked: 0.3,
  unsubscribed: -1.2,
  trial_expired: -0.8,
  subscription_cancelled: -1.5,
  subscription_canceled: -1.5,
  payment_failed: -0.4,
};

/** What a CRM stage adds: the first entry with a word of the stage counts, so a more telling one stands before a plainer. */
export const stage_log_odds: readonly (readonly [words: readonly string[], log_odds: number])[] = [
  [['disqualified', 'unqualified', 'junk'], -2.5],
  [['churned', 'cancelled', 'canceled'], -2],
  [['lost'], -4],
  [['won', 'customer'], 4],
  [['verbal', 'commit', 'committed'], 2.6],
  [['negotiation', 'negotiating', 'contract', 'contracting', 'legal', 'procurement'], 2],
  [['proposal', 'quote', 'quoted', 'pricing'], 1.5],
  [['demo', 'trial', 'pilot', 'evaluation', 'evaluating'], 1.2],
  [['qualified', 'sql', 'opportunity'], 0.9],
  [['meeting', 'discovery', 'contacted', 'engaged', 'mql'], 0.5],
  [['nurture', 'nurturing', 'stalled', 'cold'], -0.6],
];

/** Words of stages that say how a deal ended, whether or not the CRM states an outcome too. */
export const ending_words: ReadonlySet<string> = new Set(
  'won lost customer closed disqualified unqualified junk churned cancelled canceled rejected completed'.split(' '),
);

/** A stated outcome, in place of what its stage says. */
export const outcome_log_odds: Readonly<Record<Outcome, number>> = { won: 6, lost: -4 };

/** Behaviour half as old counts twice: its weight halves with each of these. */
export const half_life_ms = 30 * 24 * 60 * 60 * 1000;

/** Of the same behaviour seen again and again, each one adds this share of the one before: many page views are not a purchase. */
export const repetition_factor = 0.5;

/** Half confidence after this many interactions. */
export const confidence_half_interactions = 5;

/** The lowest score of each grade, best first. */
export const grades: readonly (readonly [grade: string, score_min: number])[] = [
  ['A', 70],
  ['B', 45],
  ['C', 25],
  ['D', 10],
  ['E', 0],
];
