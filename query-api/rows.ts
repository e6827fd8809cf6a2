/** Rows as REST and the live feeds tell them, and how a record on a topic becomes one: both must read alike. */
import { z } from 'zod';
import type {
  Customer,
  DeadLetter,
  Duplicate,
  EmailEnriched,
  Interaction,
  MetricWindow,
} from '../schemas/generated.ts';

/** Times are ISO 8601 in UTC throughout. */
export const instant = z.iso.datetime();

export const reason = z
  .object({
    feature: z.string(),
    value: z.string().describe('What was seen'),
    log_odds: z.number().describe('The exact share; the shares and the bias sum to the log-odds'),
    points: z.number(),
    evidence_id: z.string().describe('The interaction or mail that caused it; empty for a standing property'),
  })
  .meta({ id: 'Reason' });

export const emailSchema = z
  .object({
    id: z.string(),
    email_id: z.string(),
    organization_id: z.string(),
    mailbox: z.string(),
    message_id: z.string().nullable(),
    thread_id: z.string(),
    sender: z.string(),
    sender_name: z.string(),
    recipients: z.array(z.string()),
    subject: z.string(),
    excerpt: z.string().describe('The first 300 characters of the content'),
    direction: z.string(),
    sentiment: z.string(),
    sentiment_score: z.number().min(-1).max(1).describe('0 where the sentiment is unscored'),
    category: z.string(),
    importance: z.int().min(0).max(100),
    received_at: instant,
    created_at: instant.describe('When it was stored; in a feed, when it was enriched'),
  })
  .meta({ id: 'Email' });
export type EmailRow = Readonly<z.infer<typeof emailSchema>>;

export const customerSchema = z
  .object({
    id: z.string(),
    person_id: z.string(),
    organization_id: z.string(),
    name: z.string(),
    account: z.string(),
    title: z.string().describe('As in the newest signed mail; empty for who may not read the words of mail'),
    phone: z.string().describe('Likewise'),
    signed_name: z.string().describe('Likewise'),
    signed_company: z.string().describe('Likewise'),
    score: z.int().min(0).max(100),
    grade: z.string().describe('A from 70, B from 45, C from 25, D from 10, E below'),
    fit: z.int().min(0).max(100).describe('Whom we deal with; 50 speaks neither for nor against a sale'),
    engagement: z.int().min(0).max(100).describe('The same of what was done'),
    fit_log_odds: z.number(),
    engagement_log_odds: z.number().describe('With `bias` and `fit_log_odds` it is `log_odds`'),
    confidence: z.number(),
    stage: z.string().nullable(),
    outcome: z.string().nullable(),
    amount: z.number().nullable(),
    sentiment_mean: z.number().nullable(),
    mails_in: z.int(),
    mails_out: z.int(),
    events: z.int(),
    crm_changes: z.int(),
    first_seen_at: instant,
    last_seen_at: instant,
    reasons: z.array(reason),
    bias: z.number(),
    log_odds: z.number(),
    model_version: z.string(),
    updated_at: instant,
    decayed_to: instant
      .nullable()
      .describe(
        'What the score is as of, where that is later than `last_seen_at`: nothing happened since, and behaviour fades',
      ),
  })
  .meta({ id: 'Customer' });
export type CustomerRow = Readonly<z.infer<typeof customerSchema>>;

export const interactionSchema = z
  .object({
    id: z.string(),
    interaction_id: z.string(),
    organization_id: z.string(),
    mailbox: z.string(),
    person_id: z.string(),
    person_name: z.string(),
    account: z.string(),
    title: z.string().describe('As the mail is signed; empty for who may not read its words'),
    phone: z.string().describe('Likewise'),
    signed_name: z.string().describe('Likewise'),
    signed_company: z.string().describe('Likewise'),
    kind: z.string(),
    name: z.string(),
    record_id: z.string(),
    occurred_at: instant,
    sentiment_score: z.number().nullable(),
    importance: z.number().nullable(),
    category: z.string().nullable(),
    stage: z.string().nullable(),
    amount: z.number().nullable(),
    outcome: z.string().nullable(),
    data: z.string().describe('A JSON object; empty for mail'),
  })
  .meta({ id: 'Interaction' });
export type InteractionRow = Readonly<z.infer<typeof interactionSchema>>;

const excerpt_chars = 300;
const surrogate = /[\ud800-\udfff]/;
/** As every answer tells a time. */
export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

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
    received_at: iso(email.received_at_ms),
    created_at: iso(at_ms),
  };
}

/** By code points, as the engine counts: half of a surrogate pair would be no text. */
function excerptOf(text: string): string {
  const begins = text.slice(0, excerpt_chars);
  // Copied: a part of a string keeps the whole of it in memory.
  if (!surrogate.test(begins)) return ` ${begins}`.slice(1);
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
    decayed_to_ms,
    version: _,
    caused_by: __,
    lineage: ___,
    ...rest
  } = customer;
  return {
    id: rest.person_id,
    organization_id: owner.organization_id,
    ...rest,
    first_seen_at: iso(first_seen_ms),
    last_seen_at: iso(last_seen_ms),
    updated_at: iso(updated_at_ms),
    decayed_to: isoOrNull(decayed_to_ms),
  };
}

/** A scoring, as `lead_scores` has it: one of each update of a customer. The id is the person's and the update's. */
export function leadRow(customer: Customer): Readonly<Record<string, unknown>> {
  const { person_id, owner, version, updated_at_ms, decayed_to_ms, stage, outcome, model_version, caused_by } =
    customer;
  const { score, grade, fit, engagement, fit_log_odds, engagement_log_odds } = customer;
  const { log_odds, bias, confidence, reasons } = customer;
  return {
    id: JSON.stringify([person_id, version]),
    person_id,
    ...owner,
    ...{ score, grade, fit, engagement, fit_log_odds, engagement_log_odds },
    ...{ log_odds, bias, confidence, reasons },
    ...{ stage, outcome, model_version, version },
    scored_at: iso(updated_at_ms),
    decayed_to: isoOrNull(decayed_to_ms),
    caused_by,
  };
}

export function interactionRow(interaction: Interaction): InteractionRow {
  const { owner, occurred_at_ms, thread_id: _, automatic: __, lineage: ___, ...rest } = interaction;
  return {
    id: rest.interaction_id,
    organization_id: owner.organization_id,
    mailbox: owner.mailbox,
    ...rest,
    occurred_at: iso(occurred_at_ms),
  };
}

export function deadLetterRow(letter: DeadLetter): Readonly<Record<string, unknown>> {
  const { owner, failed_at_ms, lineage, ...rest } = letter;
  return {
    id: rest.dead_letter_id,
    organization_id: owner.organization_id,
    mailbox: owner.mailbox,
    ...rest,
    failed_at: iso(failed_at_ms),
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
    seen_at: iso(seen_at_ms),
    source: lineage.source,
    sequence: lineage.sequence,
  };
}

/** The id is the minute's and its group's, so that a corrected minute takes the place of the first. */
export function metricRow({ owner, start_ms, closed_at_ms, ...rest }: MetricWindow): Readonly<Record<string, unknown>> {
  const start = iso(start_ms);
  return {
    id: JSON.stringify([start, ...Object.values(owner), rest.category]),
    ...owner,
    ...rest,
    start,
    closed_at: iso(closed_at_ms),
  };
}
