/**
 * What the API answers, typed. Times are milliseconds since 1970. A number or time that an answer lacks is NaN, which
 * every formatter shows as a dash: the page never shows a number that nobody counted.
 */

export type Sentiment = 'negative' | 'neutral' | 'positive';
export const sentiments: readonly Sentiment[] = ['negative', 'neutral', 'positive'];

/** One reason behind a score. `points` and the baseline's points sum to the score, `log_odds` and the bias to its log-odds. */
export interface Reason {
  feature: string;
  value: string;
  log_odds: number;
  points: number;
  /** The mail or interaction that caused it; empty for a standing property. */
  evidence_id: string;
}

/** Who has signed in. */
export interface Me {
  subject: string;
  /** Empty where he is no user, or none was given. */
  name: string;
  role: string;
}

export interface Mail {
  email_id: string;
  organization_id: string;
  mailbox: string;
  message_id: string | null;
  sender: string;
  sender_name: string;
  recipients: string[];
  subject: string;
  excerpt: string;
  direction: string;
  sentiment: string;
  /** −1 to 1. */
  sentiment_score: number;
  category: string;
  /** 0 to 100. */
  importance: number;
  received_at: number;
}

export interface MailDetail extends Mail {
  content: string;
  quoted: string;
  attachments: { filename: string; content_type: string; size_bytes: number; sha256: string }[];
  importance_reasons: Reason[];
  category_scores: Record<string, number>;
  models: Record<string, string>;
  /** Probabilities. */
  asks: number;
  spam: number;
  /** ISO 639-1; empty where it cannot be told. */
  language: string;
  automatic: string;
  unsubscribes: boolean;
  summary: string;
  entities: { text: string; type: string }[];
  signature: Record<string, string>;
  deliveries: { mailbox: string; received_at: number }[];
}

/** At least one of them. */
export interface MailFeedback {
  sentiment?: string;
  category?: string;
  spam?: boolean;
  important?: boolean;
}

export interface Customer {
  person_id: string;
  organization_id: string;
  name: string;
  account: string;
  /** As the person signs; empty where that is unknown or withheld. */
  title: string;
  phone: string;
  signed_name: string;
  signed_company: string;
  /** 0 to 100: the probability of being won, as a percentage. */
  score: number;
  grade: string;
  /** 0 to 100, whom we deal with; NaN of a server that does not tell. */
  fit: number;
  /** The same of what was done. */
  engagement: number;
  fit_log_odds: number;
  engagement_log_odds: number;
  /** 0 to 1, by how much was seen. */
  confidence: number;
  stage: string | null;
  outcome: string | null;
  amount: number;
  sentiment_mean: number;
  mails_in: number;
  mails_out: number;
  events: number;
  crm_changes: number;
  first_seen_at: number;
  last_seen_at: number;
  reasons: Reason[];
  bias: number;
  log_odds: number;
  model_version: string;
  updated_at: number;
  /** What the score is as of, where nothing happened since; NaN otherwise. */
  decayed_to: number;
}

export interface Interaction {
  interaction_id: string;
  kind: string;
  name: string;
  record_id: string;
  occurred_at: number;
  sentiment_score: number;
  stage: string | null;
  amount: number;
  outcome: string | null;
}

export interface CustomerDetail extends Customer {
  timeline: Interaction[];
}

/** A thread with who waits for whom. */
export interface Conversation {
  conversation_id: string;
  organization_id: string;
  mailbox: string;
  owner_id: string;
  team_id: string;
  subject: string;
  customer: string;
  category: string;
  waiting_email_id: string;
  waiting_seconds: number;
  /** By the organisation's working hours. */
  waiting_business_seconds: number;
  first_response_at: number;
  sla_due_at: number;
  sla_breached: boolean;
}

/** What somebody says in a mail of a thread. */
export interface Saying {
  email_id: string;
  sender: string;
  sender_name: string;
  received_at: number;
  text: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface MetricPoint {
  at: number;
  emails: number;
  sentiment_mean: number;
  negative: number;
  neutral: number;
  positive: number;
}

export interface Metrics {
  from: number;
  to: number;
  step_s: number;
  /** Of the data, whatever range was asked for. */
  range: { first: number; last: number };
  totals: { emails: number; customers: number; negative: number; neutral: number; positive: number };
  series: MetricPoint[];
  categories: { category: string; emails: number }[];
}

/** The ways a record ends, in the order of the reconciliation line. */
export const ends = ['stored', 'duplicate', 'dead_letter', 'filtered', 'erased', 'expired', 'in_flight'] as const;
export type End = (typeof ends)[number];
export type Account = { read: number } & Record<End, number>;

export interface SourceAccount extends Account {
  organization_id: string;
  source: string;
  connector: string;
  done: boolean;
  error: string | null;
  repeated: number;
  /** Stored, but after the minute it belongs to had closed. */
  late: number;
  balanced: boolean;
}

export interface Reconciliation {
  balanced: boolean;
  total: Account;
  sources: SourceAccount[];
}

export interface DeadLetter {
  dead_letter_id: string;
  organization_id: string;
  stage: string;
  cause: string;
  message: string;
  original_sha256: string;
  original_size_bytes: number;
  source: string;
  sequence: number;
  failed_at: number;
}

export interface Hop {
  stage: string;
  version: number;
  topic: string;
  partition: number;
  offset: number;
  at: number;
}

export interface Arrival {
  organization_id: string;
  source: string;
  sequence: number;
  end: string;
  hops: Hop[];
  rows: ({ table: string } & Record<string, unknown>)[];
}

export interface Trace {
  record_id: string;
  arrivals: Arrival[];
}
