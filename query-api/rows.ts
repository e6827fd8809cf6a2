/** Rows as REST and the live feeds tell them, and how a record on a topic becomes one: both must read alike. */
import type {
  Customer,
  DeadLetter,
  Duplicate,
  EmailEnriched,
  Interaction,
  MetricWindow,
  Reason,
} from '../schemas/generated.ts';

/** Times are ISO 8601 in UTC throughout. */
export interface EmailRow {
  readonly id: string;
  readonly email_id: string;
  readonly organization_id: string;
  readonly mailbox: string;
  readonly message_id: string | null;
  readonly thread_id: string;
  readonly sender: string;
  readonly sender_name: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  /** The first 300 characters of the content. */
  readonly excerpt: string;
  readonly direction: string;
  readonly sentiment: string;
  /** -1 to 1. */
  readonly sentiment_score: number;
  readonly category: string;
  /** 0 to 100. */
  readonly importance: number;
  readonly received_at: string;
  /** When it was stored; in a feed, when it was enriched. */
  readonly created_at: string;
}

export interface CustomerRow {
  readonly id: string;
  readonly person_id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly account: string;
  readonly score: number;
  readonly grade: string;
  readonly confidence: number;
  readonly stage: string | null;
  readonly outcome: string | null;
  readonly amount: number | null;
  readonly sentiment_mean: number | null;
  readonly mails_in: number;
  readonly mails_out: number;
  readonly events: number;
  readonly crm_changes: number;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly reasons: readonly Reason[];
  readonly bias: number;
  readonly log_odds: number;
  readonly model_version: string;
  readonly updated_at: string;
}

export interface InteractionRow {
  readonly id: string;
  readonly interaction_id: string;
  readonly organization_id: string;
  readonly mailbox: string;
  readonly person_id: string;
  readonly person_name: string;
  readonly account: string;
  readonly kind: string;
  readonly name: string;
  readonly record_id: string;
  readonly occurred_at: string;
  readonly sentiment_score: number | null;
  readonly importance: number | null;
  readonly category: string | null;
  readonly stage: string | null;
  readonly amount: number | null;
  readonly outcome: string | null;
  /** A JSON object; empty for mail. */
  readonly data: string;
}

const excerpt_chars = 300;
const time = (ms: number): string => new Date(ms).toISOString();

/** `at_ms` is when the record was written to its topic. */
export function emailRow({ email, ...found }: EmailEnriched, at_ms: number): EmailRow {
  return {
    id: email.email_id,
    email_id: email.email_id,
    organization_id: email.owner.organization_id,
    mailbox: email.owner.mailbox,
    message_id: email.message_id,
    thread_id: email.thread_id,
    sender: email.from.address,
    sender_name: email.from.name,
    recipients: email.to.map(({ address }) => address),
    subject: email.subject,
    excerpt: excerptOf(email.text),
    direction: found.direction,
    sentiment: found.sentiment,
    sentiment_score: found.sentiment_score,
    category: found.category,
    importance: found.importance,
    received_at: time(email.received_at_ms),
    created_at: time(at_ms),
  };
}

/** By code points, as the engine counts: half of a surrogate pair would be no text. */
function excerptOf(text: string): string {
  return Array.from(text.slice(0, 2 * excerpt_chars))
    .slice(0, excerpt_chars)
    .join('');
}

export function customerRow(customer: Customer): CustomerRow {
  const {
    owner,
    first_seen_ms,
    last_seen_ms,
    updated_at_ms,
    version: _,
    caused_by: __,
    lineage: ___,
    ...rest
  } = customer;
  return {
    id: rest.person_id,
    organization_id: owner.organization_id,
    ...rest,
    first_seen_at: time(first_seen_ms),
    last_seen_at: time(last_seen_ms),
    updated_at: time(updated_at_ms),
  };
}

export function interactionRow(interaction: Interaction): InteractionRow {
  const { owner, occurred_at_ms, thread_id: _, automatic: __, lineage: ___, ...rest } = interaction;
  return {
    id: rest.interaction_id,
    organization_id: owner.organization_id,
    mailbox: owner.mailbox,
    ...rest,
    occurred_at: time(occurred_at_ms),
  };
}

export function deadLetterRow(letter: DeadLetter): Readonly<Record<string, unknown>> {
  const { owner, failed_at_ms, lineage, ...rest } = letter;
  return {
    id: rest.dead_letter_id,
    organization_id: owner.organization_id,
    mailbox: owner.mailbox,
    ...rest,
    failed_at: time(failed_at_ms),
    source: lineage.source,
    sequence: lineage.sequence,
  };
}

export function duplicateRow(duplicate: Duplicate): Readonly<Record<string, unknown>> {
  const { owner, seen_at_ms, lineage, ...rest } = duplicate;
  return {
    id: rest.record_id,
    organization_id: owner.organization_id,
    mailbox: owner.mailbox,
    ...rest,
    seen_at: time(seen_at_ms),
    source: lineage.source,
    sequence: lineage.sequence,
  };
}

/** The id is the minute's and its group's, so that a corrected minute takes the place of the first. */
export function metricRow({ owner, start_ms, closed_at_ms, ...rest }: MetricWindow): Readonly<Record<string, unknown>> {
  const start = time(start_ms);
  return {
    id: JSON.stringify([start, ...Object.values(owner), rest.category]),
    ...owner,
    ...rest,
    start,
    closed_at: time(closed_at_ms),
  };
}
