/**
 * Parses the API's JSON into the model. Anything may be missing or of another type than promised: a text becomes '', a
 * number or time NaN, a list empty. Nothing here throws, so one odd row never blanks a whole panel.
 */
import type {
  Account,
  Arrival,
  Conversation,
  Customer,
  CustomerDetail,
  DeadLetter,
  Hop,
  Interaction,
  Mail,
  MailDetail,
  Me,
  Metrics,
  Page,
  Reason,
  Reconciliation,
  Saying,
  SourceAccount,
  Trace,
} from './model.ts';

type Row = Record<string, unknown>;

const excerpt_chars_max = 300;

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function row(value: unknown): Row {
  return isRow(value) ? value : {};
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/**
 * Text that a stranger wrote, made safe to show. Characters that turn the direction of writing round make `exe.png` of
 * `gnp.exe`, and control characters hide what follows; each becomes a visible mark. Line breaks and tabs stay.
 */
export function shown(value: unknown): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
  return text(value).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function textOrNull(value: unknown): string | null {
  return text(value) === '' ? null : text(value);
}

/** ClickHouse writes 64-bit integers as strings where it is told to; both forms are numbers here. */
export function number(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** ISO 8601, milliseconds, or ClickHouse's `2026-03-14 09:32:00.000`, which carries no zone and means UTC. */
export function time(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  return Date.parse(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(value) ? `${value.replace(' ', 'T')}Z` : value);
}

export function list<T>(value: unknown, decode: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(decode) : [];
}

function record<T>(value: unknown, decode: (item: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(row(value)).map(([key, item]) => [key, decode(item)]));
}

export function page<T>(decode: (item: unknown) => T): (value: unknown) => Page<T> {
  return value => ({ items: list(row(value).items, decode), next: textOrNull(row(value).next) });
}

function reason(value: unknown): Reason {
  const r = row(value);
  return {
    feature: text(r.feature),
    value: shown(r.value),
    log_odds: number(r.log_odds),
    points: number(r.points),
    evidence_id: text(r.evidence_id),
  };
}

export function mail(value: unknown): Mail {
  const r = row(value);
  return {
    email_id: text(r.email_id ?? r.id),
    organization_id: text(r.organization_id),
    mailbox: text(r.mailbox),
    message_id: textOrNull(r.message_id),
    sender: shown(r.sender),
    sender_name: shown(r.sender_name),
    recipients: list(r.recipients, shown),
    subject: shown(r.subject),
    excerpt: shown(r.excerpt ?? r.content).slice(0, excerpt_chars_max),
    direction: text(r.direction),
    sentiment: text(r.sentiment),
    sentiment_score: number(r.sentiment_score),
    category: text(r.category),
    importance: number(r.importance),
    received_at: time(r.received_at),
  };
}

export function conversation(value: unknown): Conversation {
  const r = row(value);
  return {
    conversation_id: text(r.conversation_id ?? r.id),
    organization_id: text(r.organization_id),
    mailbox: text(r.mailbox),
    owner_id: text(r.owner_id),
    team_id: text(r.team_id),
    subject: shown(r.subject),
    customer: shown(r.customer),
    category: text(r.category),
    waiting_email_id: text(r.waiting_email_id),
    waiting_seconds: number(r.waiting_seconds),
    waiting_business_seconds: number(r.waiting_business_seconds),
    first_response_at: time(r.first_response_at),
    sla_due_at: time(r.sla_due_at),
    sla_breached: r.sla_breached === true,
  };
}

/** Of a conversation. */
export function sayings(value: unknown): Saying[] {
  return list(row(value).summary, one => {
    const r = row(one);
    return {
      email_id: text(r.email_id),
      sender: shown(r.sender),
      sender_name: shown(r.sender_name),
      received_at: time(r.received_at),
      text: shown(r.text),
    };
  });
}

export function mailDetail(value: unknown): MailDetail {
  const r = row(value);
  return {
    ...mail(value),
    content: shown(r.content),
    quoted: shown(r.quoted),
    attachments: list(r.attachments, attachment),
    importance_reasons: list(r.importance_reasons, reason),
    category_scores: record(r.category_scores, number),
    models: record(r.models, text),
    asks: number(r.asks),
    spam: number(r.spam),
    language: text(r.language),
    automatic: text(r.automatic),
    unsubscribes: r.unsubscribes === true,
    summary: shown(r.summary),
    entities: list(r.entities, entity),
    signature: record(r.signature, shown),
    deliveries: list(r.deliveries, delivery),
  };
}

function attachment(value: unknown): MailDetail['attachments'][number] {
  const r = row(value);
  return {
    filename: shown(r.filename),
    content_type: shown(r.content_type),
    size_bytes: number(r.size_bytes),
    sha256: text(r.sha256),
  };
}

function entity(value: unknown): MailDetail['entities'][number] {
  return { text: shown(row(value).text), type: text(row(value).type) };
}

function delivery(value: unknown): MailDetail['deliveries'][number] {
  return { mailbox: text(row(value).mailbox), received_at: time(row(value).received_at) };
}

export function customer(value: unknown): Customer {
  const r = row(value);
  return {
    person_id: text(r.person_id ?? r.id),
    organization_id: text(r.organization_id),
    name: shown(r.name),
    account: shown(r.account),
    title: shown(r.title),
    phone: shown(r.phone),
    signed_name: shown(r.signed_name),
    signed_company: shown(r.signed_company),
    score: number(r.score),
    grade: text(r.grade),
    fit: number(r.fit),
    engagement: number(r.engagement),
    fit_log_odds: number(r.fit_log_odds),
    engagement_log_odds: number(r.engagement_log_odds),
    confidence: number(r.confidence),
    stage: textOrNull(r.stage),
    outcome: textOrNull(r.outcome),
    amount: number(r.amount),
    sentiment_mean: number(r.sentiment_mean),
    mails_in: number(r.mails_in),
    mails_out: number(r.mails_out),
    events: number(r.events),
    crm_changes: number(r.crm_changes),
    first_seen_at: time(r.first_seen_at),
    last_seen_at: time(r.last_seen_at),
    reasons: list(r.reasons, reason),
    bias: number(r.bias),
    log_odds: number(r.log_odds),
    model_version: text(r.model_version),
    updated_at: time(r.updated_at),
    decayed_to: time(r.decayed_to),
  };
}

export function customerDetail(value: unknown): CustomerDetail {
  return { ...customer(value), timeline: list(row(value).timeline, interaction) };
}

function interaction(value: unknown): Interaction {
  const r = row(value);
  return {
    interaction_id: text(r.interaction_id),
    kind: text(r.kind),
    name: shown(r.name),
    record_id: text(r.record_id),
    occurred_at: time(r.occurred_at),
    sentiment_score: number(r.sentiment_score),
    stage: textOrNull(r.stage),
    amount: number(r.amount),
    outcome: textOrNull(r.outcome),
  };
}

export function metrics(value: unknown): Metrics {
  const r = row(value);
  const totals = row(r.totals);
  return {
    from: time(r.from),
    to: time(r.to),
    step_s: number(r.step_s),
    range: { first: time(row(r.range).first), last: time(row(r.range).last) },
    totals: {
      emails: number(totals.emails),
      customers: number(totals.customers),
      negative: number(totals.negative),
      neutral: number(totals.neutral),
      positive: number(totals.positive),
    },
    series: list(r.series, metricPoint),
    categories: list(r.categories, item => ({
      category: text(row(item).category),
      emails: number(row(item).emails),
    })),
  };
}

function metricPoint(value: unknown): Metrics['series'][number] {
  const r = row(value);
  return {
    at: time(r.at),
    emails: number(r.emails),
    sentiment_mean: number(r.sentiment_mean),
    negative: number(r.negative),
    neutral: number(r.neutral),
    positive: number(r.positive),
  };
}

function account(value: unknown): Account {
  const r = row(value);
  return {
    read: number(r.read),
    stored: number(r.stored),
    duplicate: number(r.duplicate),
    dead_letter: number(r.dead_letter),
    filtered: number(r.filtered),
    erased: number(r.erased),
    expired: number(r.expired),
    in_flight: number(r.in_flight),
  };
}

export function me(value: unknown): Me {
  const { subject, role, user } = row(value);
  return { subject: shown(subject), role: text(role), name: shown(row(user).name) };
}

export function reconciliation(value: unknown): Reconciliation {
  const r = row(value);
  return { balanced: r.balanced === true, total: account(r.total), sources: list(r.sources, sourceAccount) };
}

function sourceAccount(value: unknown): SourceAccount {
  const r = row(value);
  return {
    ...account(value),
    organization_id: text(r.organization_id),
    source: text(r.source),
    connector: text(r.connector),
    done: r.done === true,
    error: textOrNull(r.error),
    repeated: number(r.repeated),
    late: number(r.late),
    balanced: r.balanced === true,
  };
}

export function deadLetter(value: unknown): DeadLetter {
  const r = row(value);
  return {
    dead_letter_id: text(r.dead_letter_id ?? r.id),
    organization_id: text(r.organization_id),
    stage: text(r.stage),
    cause: text(r.cause),
    message: shown(r.message),
    original_sha256: text(r.original_sha256),
    original_size_bytes: number(r.original_size_bytes),
    source: text(r.source),
    sequence: number(r.sequence),
    failed_at: time(r.failed_at),
  };
}

export function trace(value: unknown): Trace {
  return { record_id: text(row(value).record_id), arrivals: list(row(value).arrivals, arrival) };
}

function arrival(value: unknown): Arrival {
  const r = row(value);
  return {
    organization_id: text(r.organization_id),
    source: text(r.source),
    sequence: number(r.sequence),
    end: text(r.end),
    hops: list(r.hops, hop),
    rows: list(r.rows, item => ({ ...row(item), table: text(row(item).table) })),
  };
}

function hop(value: unknown): Hop {
  const r = row(value);
  return {
    stage: text(r.stage),
    version: number(r.version),
    topic: text(r.topic),
    partition: number(r.partition),
    offset: number(r.offset),
    at: time(r.at),
  };
}
