// Generated from schemas/avro/*.avsc by `npm run generate`. Do not edit.
import type { AvroRecord } from '../lib/avro.ts';

/** State of the acts processor: a mail until it is answered or forgotten, and the answers that came before it. */
export interface ActState {
  mail: TeachingMail | null;
  /** The mail's, without its hops */
  lineage: Lineage | null;
  /** Mailboxes */
  answered_by: string[];
  /** When it will have been left unanswered */
  due_ms: number | null;
  touched_ms: number;
}

/** A key that speaks for a user, as far as its scopes go. Its secret is shown once and kept nowhere. */
export interface ApiKey {
  key_id: string;
  user_id: string;
  label: string;
  /** Permissions, of those that the user's role has */
  scopes: string[];
  secret_sha256: string;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  created_at_ms: number;
  version: number;
}

/** Who did what, or tried to. Never a secret, and no mail's words. */
export interface AuditEvent {
  event_id: string;
  organization_id: string;
  at_ms: number;
  /** The subject of the token; empty where nobody had signed in */
  actor: string;
  /** Like user.create */
  action: string;
  /** What it was done to: an id */
  object: string;
  /** done or refused */
  outcome: string;
  remote_address: string;
  /** A JSON object */
  details: string;
}

/** What bigger models answered about a mail, each asked once; null where none is configured for it or it was not asked. */
export interface Consulted {
  sentiment: Opinion | null;
  category: Opinion | null;
  summary: WrittenSummary | null;
}

export interface Opinion {
  /** Probability of each label, as we call it; empty where it failed */
  scores: Record<string, number>;
  /** Its version */
  model: string;
  /** Why it has no answer: timeout, resting, status, …; empty where it has one */
  failure: string;
}

export interface WrittenSummary {
  /** Plain text on one line; empty where it failed */
  text: string;
  model: string;
  failure: string;
}

/** A thread with who waits for whom since when. Seconds are whole milliseconds divided by 1000. */
export interface Conversation {
  /** The Message-ID of the thread's first mail */
  conversation_id: string;
  /** Who answered first; until then, whose mailbox got the customer's first mail */
  owner: Owner;
  subject: string;
  /** The first address outside; empty where there is none */
  customer: string;
  /** Of the customer's first mail that asks */
  category: string;
  /** Different writers, at most 50 */
  participants: number;
  mails_in: number;
  mails_out: number;
  mails_internal: number;
  /** Of all of these */
  mails_automatic: number;
  first_at_ms: number;
  last_at_ms: number;
  last_in_at_ms: number | null;
  last_out_at_ms: number | null;
  /** Whose turn it is; them ends, without a record, at resolves_at_ms */
  waiting: WaitsOn;
  /** Of the first mail that is not answered */
  waiting_since_ms: number | null;
  waiting_email_id: string;
  /** The customer's first mail that asks, of a thread that we did not begin */
  asked_at_ms: number | null;
  first_response_at_ms: number | null;
  /** By the clock */
  first_response_seconds: number | null;
  /** By working hours */
  first_response_business_seconds: number | null;
  /** Of working hours, for the first response; null where the category has none */
  sla_target_minutes: number | null;
  sla_due_at_ms: number | null;
  /** Our last answer */
  answered_at_ms: number | null;
  /** From when it counts as resolved, if nothing comes */
  resolves_at_ms: number | null;
  /** From asked_at_ms to answered_at_ms by the clock; it holds once it is resolved */
  resolution_seconds: number | null;
  /** The same by working hours */
  resolution_business_seconds: number | null;
  /** How often the customer asked again when it counted as resolved */
  reopened: number;
  /** Of the customer's last mail */
  sentiment_score: number | null;
  /** The highest of the mails from outside */
  importance: number;
  /** The newest of its mails, at most 100, in the order they were received */
  email_ids: string[];
  /** Grows with each update */
  version: number;
  updated_at_ms: number;
  lineage: Lineage;
}

/** One change of one CRM object. */
export interface CrmChanged {
  /** Deterministic: the CRM's own change id, or object, id and time */
  change_id: string;
  owner: Owner;
  /** contact, account, lead or deal */
  object: string;
  object_id: string;
  operation: Operation;
  changed_at_ms: number;
  received_at_ms: number;
  /** Lower case; empty where the object has no person */
  person_email: string;
  person_name: string;
  account: string;
  stage: string | null;
  /** In the CRM's currency */
  amount: number | null;
  outcome: Outcome | null;
  /** The object's other fields, a JSON object */
  fields: string;
  lineage: Lineage;
}

export type Operation = 'upsert' | 'delete';

export type Outcome = 'won' | 'lost';

/** The profile of a person outside the organisation, with the live lead score. */
export interface Customer {
  person_id: string;
  owner: Owner;
  name: string;
  account: string;
  /** Of the newest mail that was signed with one */
  title: string;
  /** Likewise */
  phone: string;
  /** Likewise */
  signed_name: string;
  /** Likewise */
  signed_company: string;
  first_seen_ms: number;
  last_seen_ms: number;
  mails_in: number;
  mails_out: number;
  crm_changes: number;
  events: number;
  /** Of the mails the person wrote */
  sentiment_mean: number | null;
  stage: string | null;
  amount: number | null;
  outcome: Outcome | null;
  /** 0 to 100: the probability of being won, as a percentage */
  score: number;
  /** A to E */
  grade: string;
  /** 0 to 100: whom we deal with, 50 where nothing speaks for or against a sale */
  fit: number;
  /** The same of what was done */
  engagement: number;
  fit_log_odds: number;
  engagement_log_odds: number;
  /** Those of bias, fit and engagement together */
  log_odds: number;
  /** The log-odds before any reason */
  bias: number;
  /** 0 to 1, by how much was seen and how many outcomes are known */
  confidence: number;
  reasons: Reason[];
  model_version: string;
  /** Grows with each update of this customer, by one for each step of decay */
  version: number;
  updated_at_ms: number;
  /** What the score is as of, where that is later than last_seen_ms: nothing happened since, and behaviour has grown old */
  decayed_to_ms: number | null;
  /** The interaction behind this update; the newest where the score only decayed */
  caused_by: string;
  lineage: Lineage;
}

/** A record that could not be processed. Its bytes are in the content store, whole. */
export interface DeadLetter {
  dead_letter_id: string;
  owner: Owner;
  /** The connector or processor that refused it */
  stage: string;
  /** A stable code, what the workbench groups by */
  cause: string;
  message: string;
  original_sha256: string;
  original_size_bytes: number;
  /** Where it was read from, unless from outside */
  topic: string | null;
  partition: number | null;
  offset: number | null;
  /** The key it had there; empty for what comes from outside */
  original_key: string;
  failed_at_ms: number;
  lineage: Lineage;
}

/** One mail reaching one mailbox. A mail that reached two mailboxes is one message with two deliveries. */
export interface Delivery {
  email_id: string;
  owner: Owner;
  received_at_ms: number;
  lineage: Lineage;
}

/** A record that had arrived before. */
export interface Duplicate {
  record_id: string;
  owner: Owner;
  /** email, crm or event */
  kind: string;
  first_source: string;
  first_sequence: number;
  seen_at_ms: number;
  lineage: Lineage;
}

/** One parsed mail. Its original bytes are in the content store under original_sha256. */
export interface Email {
  /** Deterministic: the organisation and Message-ID, or the hash of the original */
  email_id: string;
  owner: Owner;
  /** With its angle brackets, as sent */
  message_id: string | null;
  /** The first reference's Message-ID, or its own */
  thread_id: string;
  in_reply_to: string | null;
  references: string[];
  from: Address;
  reply_to: Address[];
  to: Address[];
  cc: Address[];
  /** The Date header: data the sender chose, never a clock */
  sent_at_ms: number | null;
  /** By the newest plausible Received header, never later than now */
  received_at_ms: number;
  subject: string;
  /** The writer's own words */
  text: string;
  /** What the writer quoted or forwarded */
  quoted_text: string;
  /** The text was longer than the topic carries; the original is whole */
  text_truncated: boolean;
  /** Those later stages read, lower-case names */
  headers: Record<string, string>;
  attachments: Attachment[];
  original_sha256: string;
  original_size_bytes: number;
  signals: MailSignals;
}

export interface Address {
  name: string;
  /** Lower case; empty where the mail names none */
  address: string;
}

export interface Attachment {
  filename: string;
  content_type: string;
  size_bytes: number;
  /** Its name in the content store */
  sha256: string;
}

/** What its owner did with it, as the mailbox says that it was read from; null where that says nothing */
export interface MailSignals {
  replied: boolean | null;
  /** Flagged, in other words */
  starred: boolean | null;
  opened: boolean | null;
}

export interface EmailEnriched {
  email: Email;
  direction: Direction;
  /** unscored: in a language that the models do not know */
  sentiment: Sentiment;
  /** -1 to 1; 0 where it is unscored */
  sentiment_score: number;
  category: string;
  /** Probabilities that sum to 1 */
  category_scores: Record<string, number>;
  /** 0 to 100 */
  importance: number;
  importance_reasons: Reason[];
  /** 0 to 1: the probability of the label */
  sentiment_confidence: number;
  /** The probability that it asks its reader for something */
  asks: number;
  /** The probability that it is spam */
  spam: number;
  /** ISO 639-1; empty where it cannot be told */
  language: string;
  /** What kind of mail no person wrote it is: bounce, auto_reply, newsletter or notification; empty where a person did */
  automatic: string;
  /** It asks to be taken off a list */
  unsubscribes: boolean;
  /** Its most telling sentences, as written */
  summary: string;
  entities: Entity[];
  signature: Signature;
  /** Model name to version */
  models: Record<string, string>;
  lineage: Lineage;
}

export type Direction = 'inbound' | 'outbound' | 'internal';

export type Sentiment = 'negative' | 'neutral' | 'positive' | 'unscored';

export interface Reason {
  feature: string;
  /** What was seen */
  value: string;
  /** The feature's exact share; the shares and the bias sum to the score's log-odds */
  log_odds: number;
  /** Log-odds scaled so that the points and the bias's points sum to the score */
  points: number;
  /** The interaction or mail that caused it; empty for a standing property */
  evidence_id: string;
}

export interface Entity {
  text: string;
  type: string;
  /** In UTF-16 units of the mail's text */
  start: number;
  end: number;
}

/** What the writer says of himself below his words; empty where he does not */
export interface Signature {
  name: string;
  title: string;
  phone: string;
  company: string;
}

export interface EmailReceived {
  email: Email;
  lineage: Lineage;
}

/** One external event, after CloudEvents 1.0. */
export interface EventReceived {
  /** Deterministic: the CloudEvents source and id */
  event_id: string;
  owner: Owner;
  /** The CloudEvents type */
  name: string;
  /** Lower case; empty where no person is named */
  person_email: string;
  occurred_at_ms: number;
  received_at_ms: number;
  /** The event's data, a JSON object */
  data: string;
  lineage: Lineage;
}

/** What somebody said a model should have said of a mail: one label for one model. */
export interface Feedback {
  feedback_id: string;
  /** The mail's */
  owner: Owner;
  /** As it was enriched: what the model learns from */
  email: Email;
  /** sentiment, category, spam, asks or importance */
  model: string;
  /** One of the model's labels; yes or no of those that say a probability */
  label: string;
  /** The subject of the token */
  said_by: string;
  said_at_ms: number;
  lineage: Lineage;
}

export interface Grant {
  /** A mailbox, or a team's id */
  name: string;
  /** Whether the mails themselves may be read, and not only what was found in them */
  bodies: boolean;
}

/** That a mail was important to a mailbox or not, by what its owner did with it. */
export interface ImportanceExample {
  organization_id: string;
  /** Whose owner did it */
  mailbox: string;
  /** What he did, which says the label and how much it counts */
  act: string;
  mail: TeachingMail;
  lineage: Lineage;
}

/** One row of a customer's timeline, of any kind. */
export interface Interaction {
  interaction_id: string;
  owner: Owner;
  /** The lower-case address; empty where nobody is named */
  person_id: string;
  person_name: string;
  /** The CRM's account, or the address's domain unless it is a public mail provider's */
  account: string;
  /** What the person signs as, such as Head of Procurement */
  title: string;
  /** What the person signs with */
  phone: string;
  /** What the person signs with, which person_name knows nothing of: whoever may not read a mail's words is not told it */
  signed_name: string;
  /** Likewise, beside account */
  signed_company: string;
  kind: InteractionKind;
  /** The subject, the CRM object or the event's type */
  name: string;
  /** email_id, change_id or event_id */
  record_id: string;
  /** Of a mail; otherwise empty */
  thread_id: string;
  /** A mail that no person wrote: it neither asks nor answers */
  automatic: boolean;
  /** Never later than now */
  occurred_at_ms: number;
  sentiment_score: number | null;
  importance: number | null;
  category: string | null;
  stage: string | null;
  amount: number | null;
  outcome: Outcome | null;
  /** A JSON object; empty for mail */
  data: string;
  lineage: Lineage;
}

export type InteractionKind = 'mail_in' | 'mail_out' | 'crm' | 'event';

/** What a profile showed before its outcome was known, and the outcome. Says of nobody who it was. */
export interface LeadExample {
  organization_id: string;
  outcome: Outcome;
  /** When the outcome was; nothing later is among the features */
  occurred_at_ms: number;
  /** What the rules gave, without the outcome and a stage that states it */
  prior_log_odds: number;
  rules_version: string;
  features: LeadFeature[];
  lineage: Lineage;
}

export interface LeadFeature {
  /** Its hash, 0 to 4095 */
  feature: number;
  /** 0 to 2 */
  value: number;
}

/** State of the lead trainer: FTRL's sums of each feature it has met, and its newest predictions. */
export interface LeadLearning {
  version: number;
  won: number;
  /** In the order of the features */
  coordinates: LeadCoordinate[];
  /** Oldest first, at most 200 */
  foretold: Foretold[];
}

export interface LeadCoordinate {
  feature: number;
  z: number;
  n: number;
}

export interface Foretold {
  log_odds: number;
  rules_log_odds: number;
  won: boolean;
}

/** One version of what an organisation's outcomes have taught: corrections to the rules of the lead score. */
export interface LeadModel {
  organization_id: string;
  /** From 1, one more with each outcome */
  version: number;
  /** Of the outcomes up to this version, those won */
  won: number;
  /** All that are not zero */
  weights: LeadWeight[];
  /** Those that this version changed */
  touched: LeadWeight[];
  /** The newest outcomes, each foretold by the version before it, that the measures below are of */
  measured: number;
  /** Mean, in nats */
  log_loss: number;
  /** The same of the rules alone */
  rules_log_loss: number;
  /** Mean squared error of the probability */
  brier: number;
  /** Mean probability of being won, 0 to 1 */
  predicted: number;
  /** The share that was won, 0 to 1 */
  actual: number;
  learned_at_ms: number;
}

export interface LeadWeight {
  /** Its hash, 0 to 4095 */
  feature: number;
  /** Log-odds for each unit of the feature */
  weight: number;
}

/** State of the learning processor: what one model of one organisation or mailbox was told, the newest. */
export interface Learning {
  version: number;
  log_loss: number;
  shipped_log_loss: number;
  /** What it came to */
  correction: LearntCorrection;
  examples: FeedbackExample[];
  /** Examples that the newest version was made without */
  waiting: number;
}

export interface FeedbackExample {
  email_id: string;
  features: number[];
  values: number[];
  /** What the shipped model says: a log-odds a class */
  said: number[];
  label: number;
  /** What told it: a mark, or what the mailbox's owner did with the mail */
  act: string;
  /** A hash of the address the mail is from; 0 where it was told before that was kept */
  sender: number;
  /** When the mail was; 0 likewise */
  received_at_ms: number;
}

/** What a model has learnt from its users, whole: a correction of what the shipped model says. The newest version of each holds. */
export interface Learnt {
  organization_id: string;
  /** Of what is learnt for one mailbox; otherwise empty */
  mailbox: string;
  model: string;
  /** Grows by one with each piece of feedback, and with some examples of what a mailbox's owner did */
  version: number;
  /** It was made of so many, the newest */
  examples: number;
  /** So many of them are what the mailbox's owner did with a mail; the others are marks */
  acts: number;
  correction: LearntCorrection;
  /** Of its answers to feedback before it learnt from it; a mean in which the newest count most */
  log_loss: number;
  /** The same of the shipped model's answers */
  shipped_log_loss: number;
  /** The feedback_id; the email_id of a mail with which something was done */
  caused_by: string;
  learnt_at_ms: number;
  lineage: Lineage;
}

export interface LearntCorrection {
  /** Hashed, ascending */
  features: number[];
  /** A row of a weight a class for each feature */
  weights: number[];
  /** How what the model says of each class counts for each other: a row a class */
  mixing: number[];
  bias: number[];
}

/** Where a record came from and every step it took. (source, sequence) is what reconciliation counts. */
export interface Lineage {
  /** The connector instance that read it, unique in its organisation */
  source: string;
  /** Dense, from 1, handed out by the source and committed with its position */
  sequence: number;
  /** A backfill neither moves the watermark nor obeys it */
  origin: Origin;
  ingested_at_ms: number;
  hops: Hop[];
  /** W3C: the span that wrote the record, where it is traced. The last field of all, so that it is found without decoding */
  traceparent: string | null;
}

export type Origin = 'live' | 'backfill';

/** One processor's reading of the record */
export interface Hop {
  stage: string;
  version: number;
  /** The topic the stage read from */
  topic: string;
  partition: number;
  offset: number;
  /** When the stage processed it */
  at_ms: number;
}

/** What the mail that message_id names learns: that it has arrived, or that somebody has answered it. */
export interface MailAct {
  /** Of the mail that arrived: it, or the answer */
  owner: Owner;
  /** Of the mail that arrived or was answered; its email_id where it has none */
  message_id: string;
  mail: TeachingMail | null;
  lineage: Lineage;
}

/** What can be learnt of a mail's importance, without its words */
export interface TeachingMail {
  owner: Owner;
  email_id: string;
  /** A hash of the address it is from */
  sender: number;
  /** What its importance goes by, hashed */
  features: number[];
  values: number[];
  /** The log-odds of being important that the shipped model gives it */
  said: number;
  received_at_ms: number;
  /** What its owner did with it, as its mailbox says; empty where that says nothing */
  act: string;
  /** A person wrote it and it came in as mail does: that nobody answers it says something */
  awaits: boolean;
}

/** One thing that the per-minute metrics count, and the ticks that close their windows. */
export interface Measurement {
  owner: Owner;
  /** Of the mail; empty where there is none */
  category: string;
  measure: Measure;
  /** The sentiment of a mail, the seconds of a response; otherwise 1 */
  value: number;
  /** Which minute it belongs to. Of a tick: everything ingested before has been measured */
  at_ms: number;
  record_id: string;
  lineage: Lineage;
}

export type Measure = 'tick' | 'mail_in' | 'mail_out' | 'mail_internal' | 'event' | 'response' | 'lead_up' | 'lead_down';

/** What happened in one minute for one owner, team, mailbox and category. A later version replaces an earlier one. */
export interface MetricWindow {
  owner: Owner;
  category: string;
  start_ms: number;
  mails_in: number;
  mails_out: number;
  mails_internal: number;
  events: number;
  /** Mails that came in with a sentiment of -0.05 or less */
  negative: number;
  /** Over the mails that came in */
  sentiment_sum: number;
  /** Answers to a customer's mail */
  responses: number;
  response_seconds_sum: number;
  response_seconds_max: number;
  /** Leads whose grade rose */
  leads_up: number;
  leads_down: number;
  /** Holds something that came after the window had closed */
  corrected: boolean;
  /** From 1 */
  version: number;
  /** The watermark that closed this version */
  closed_at_ms: number;
}

/** State of the window processor: the minutes of one group that can still change. */
export interface OpenWindows {
  windows: OpenWindow[];
}

export interface OpenWindow {
  window: MetricWindow;
  /** Since its last version was told */
  changed: boolean;
}

/** Who a record belongs to: tenancy, object ownership and row policies stand on it. An empty string means none. */
export interface Owner {
  organization_id: string;
  /** The mailbox it reached, a lower-case address */
  mailbox: string;
  owner_id: string;
  team_id: string;
}

/** State of the customer processor. */
export interface Profile {
  customer: Customer;
  recent: Evidence[];
  /** Threads in which the person waits for an answer, oldest first */
  waiting: Waiting[];
  /** When to see next whether the score has decayed; 0 is at once, null never */
  decays_at_ms: number | null;
  /** Of how many mails the customer's sentiment_mean is; 0 in state of before */
  tones: number;
}

/** A past interaction the score still points at */
export interface Evidence {
  interaction_id: string;
  kind: InteractionKind;
  /** What the rules read: a mail's category, a deal's stage or an event's type */
  name: string;
  occurred_at_ms: number;
  sentiment_score: number | null;
}

export interface Waiting {
  thread_id: string;
  since_ms: number;
  category: string;
}

/** A question that somebody saved, to be asked again by whoever it is shared with, each with his own sight. */
export interface Question {
  question_id: string;
  owner_id: string;
  title: string;
  description: string;
  /** sql, metrics or list */
  kind: string;
  /** Which one; empty for other kinds */
  list: string;
  /** Its text; empty for other kinds */
  sql: string;
  /** A JSON object of texts: of the SQL, or of the request */
  parameters: string;
  /** A JSON object: how it is shown, known to whoever shows it */
  visualisation: string;
  /** Whether it is shared with all users */
  everyone: boolean;
  /** With whose members it is shared */
  teams: string[];
  created_at_ms: number;
  updated_at_ms: number;
  /** Grows by one with each change */
  version: number;
}

/** A dead letter that was replayed; committed with the record it became, so there is one of it at most. */
export interface Replay {
  dead_letter_id: string;
  /** The dead letter's */
  owner: Owner;
  original_sha256: string;
  /** Of the bytes that were replayed: what was mended is the difference */
  replayed_sha256: string;
  /** The record's; bytes that could not be read said nothing of it */
  replay_organization_id: string;
  /** The record's number in the source `replay` of that organisation */
  replay_sequence: number;
  replayed_at_ms: number;
}

/** State of the duplicate stage: who brought a record first and which mailboxes have it. */
export interface Seen {
  source: string;
  sequence: number;
  mailboxes: string[];
  /** Of a mail, the first 16 characters of its original_sha256 */
  original: string;
}

/** One sign-in and every token that came of it. Each refresh makes a generation; one that was used before ends the session. */
export interface Session {
  session_id: string;
  user_id: string;
  generation: number;
  rotated_at_ms: number;
  created_at_ms: number;
  expires_at_ms: number;
  ended_at_ms: number | null;
  version: number;
}

/** A link by which anybody reads the answer to a question, with the sight that its maker has when it is read. Its secret is shown once and kept nowhere. */
export interface Share {
  share_id: string;
  question_id: string;
  maker_id: string;
  label: string;
  secret_sha256: string;
  expires_at_ms: number;
  revoked_at_ms: number | null;
  created_at_ms: number;
  version: number;
}

/** Control state: a connector instance and its configuration. */
export interface Source {
  source: string;
  connector: string;
  owner: Owner;
  origin: Origin;
  /** The connector's own, a JSON object */
  config: string;
  created_at_ms: number;
  /** When it was last asked for; one that has been read to its end is read again */
  asked_at_ms: number;
}

/** How far a source has been read; committed in the transaction of the records it covers. */
export interface SourcePosition {
  organization_id: string;
  source: string;
  connector: string;
  /** The last one handed out, so the number of records read */
  sequence: number;
  /** The connector's own, a JSON value */
  position: string;
  /** A finite source has been read to its end */
  done: boolean;
  /** Why it stopped early */
  error: string | null;
  read_at_ms: number;
  /** Of the askings the one that was met last */
  asked_at_ms: number;
}

/** What the mail that message_id names learns: that it has arrived and begins a thread, that another one hangs on it, or in which thread it is. */
export interface ThreadLink {
  owner: Owner;
  /** Of the mail that learns it; its email_id where it has none */
  message_id: string;
  /** Itself where that has no anchor; otherwise one whose anchor it is */
  mail: ThreadMail | null;
  /** The thread it is in */
  thread_id: string | null;
  /** How many mails the news of its thread has come by */
  links: number;
  lineage: Lineage;
}

/** What a conversation needs of a mail; none of its words but the subject. */
export interface ThreadMail {
  email_id: string;
  owner: Owner;
  message_id: string | null;
  /** The Message-ID whose thread it is in: its first reference, or what it replies to; empty where it begins one */
  anchor: string;
  direction: Direction;
  /** No person wrote it, or it asks nothing of one: it neither waits nor answers */
  automatic: boolean;
  /** It thanks and asks nothing */
  closing: boolean;
  /** The address it is from */
  writer: string;
  /** The first address outside: the writer, or whom it went to; empty where there is none */
  customer: string;
  subject: string;
  category: string;
  /** Null where the mail was not scored */
  sentiment_score: number | null;
  importance: number;
  received_at_ms: number;
}

/** A mail of a thread: it comes, comes again, or leaves for another thread. */
export interface ThreadMessage {
  thread_id: string;
  mail: ThreadMail;
  /** It turned out to be of another thread */
  left: boolean;
  lineage: Lineage;
}

/** State of the thread processor: one Message-ID, whether or not its mail has arrived. */
export interface ThreadNode {
  /** Null until it is known; until then it is taken for its own */
  thread_id: string | null;
  /** It has arrived and begins its thread: nothing can change that any more */
  root: boolean;
  /** Mails that go along when its thread becomes another, the oldest first; of a root none */
  children: ThreadMail[];
}

/** How a conversation stands after some of its mails, in the order they were received. */
export interface ThreadProgress {
  subject: string;
  /** Of the first mail that names one */
  customer: string;
  /** Of the customer's first mail that asks; until there is one, of the first mail */
  category: string;
  /** Different addresses, the first 50 */
  writers: string[];
  mails_in: number;
  mails_out: number;
  mails_internal: number;
  /** Of all of these */
  mails_automatic: number;
  /** Mails from outside that count, those that only thank too */
  asks: number;
  first_at_ms: number;
  last_at_ms: number;
  last_in_at_ms: number | null;
  last_out_at_ms: number | null;
  /** Whose mail was the first from outside; of none, the first */
  first_owner: Owner | null;
  /** Who answered first */
  answer_owner: Owner | null;
  /** Whose turn it is */
  waiting: WaitsOn;
  /** Of the first mail that is not answered */
  waiting_since_ms: number | null;
  waiting_email_id: string;
  /** The customer's first mail that asks, of a thread that we did not begin */
  asked_at_ms: number | null;
  first_response_at_ms: number | null;
  /** Our last mail that counts */
  answered_at_ms: number | null;
  /** From when it counts as resolved, if nothing comes */
  resolves_at_ms: number | null;
  /** How often the customer asked again after that */
  reopened: number;
  /** Of the customer's last mail */
  sentiment_score: number | null;
  /** The highest of the mails from outside */
  importance: number;
}

export type WaitsOn = 'nobody' | 'us' | 'them';

/** State of the conversation processor. */
export interface ThreadState {
  /** After the mails that are no longer kept */
  base: ThreadProgress | null;
  /** The newest, in the order they were received */
  mails: ThreadMail[];
  /** Of the last that was told; 0 for none */
  version: number;
  touched_ms: number;
}

/** Someone who signs in, as he is by now. One who was removed stays as such, so that no token of his is taken for a stranger's. */
export interface User {
  /** The owner_id of what is his */
  user_id: string;
  name: string;
  /** In lower case; by it an identity provider names him. Empty for none */
  email: string;
  role: string;
  mailboxes: Grant[];
  teams: Grant[];
  /** argon2id, as a PHC string; null where he signs in elsewhere */
  password_hash: string | null;
  /** active, disabled or removed */
  state: string;
  /** Tokens signed before are no longer taken */
  tokens_from_ms: number;
  created_at_ms: number;
  updated_at_ms: number;
  /** Grows by one with each change */
  version: number;
}

export const actStateSchema: AvroRecord = {
  "type": "record",
  "name": "ActState",
  "namespace": "millrace",
  "fields": [
    {
      "name": "mail",
      "type": [
        "null",
        {
          "type": "record",
          "name": "TeachingMail",
          "namespace": "millrace",
          "fields": [
            {
              "name": "owner",
              "type": {
                "type": "record",
                "name": "Owner",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "organization_id",
                    "type": "string"
                  },
                  {
                    "name": "mailbox",
                    "type": "string"
                  },
                  {
                    "name": "owner_id",
                    "type": "string"
                  },
                  {
                    "name": "team_id",
                    "type": "string"
                  }
                ]
              }
            },
            {
              "name": "email_id",
              "type": "string"
            },
            {
              "name": "sender",
              "type": "int"
            },
            {
              "name": "features",
              "type": {
                "type": "array",
                "items": "int"
              }
            },
            {
              "name": "values",
              "type": {
                "type": "array",
                "items": "float"
              }
            },
            {
              "name": "said",
              "type": "float"
            },
            {
              "name": "received_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "act",
              "type": "string"
            },
            {
              "name": "awaits",
              "type": "boolean"
            }
          ]
        }
      ],
      "default": null
    },
    {
      "name": "lineage",
      "type": [
        "null",
        {
          "type": "record",
          "name": "Lineage",
          "namespace": "millrace",
          "fields": [
            {
              "name": "source",
              "type": "string"
            },
            {
              "name": "sequence",
              "type": "long"
            },
            {
              "name": "origin",
              "type": {
                "type": "enum",
                "name": "Origin",
                "symbols": [
                  "live",
                  "backfill"
                ]
              }
            },
            {
              "name": "ingested_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "hops",
              "type": {
                "type": "array",
                "items": {
                  "type": "record",
                  "name": "Hop",
                  "namespace": "millrace",
                  "fields": [
                    {
                      "name": "stage",
                      "type": "string"
                    },
                    {
                      "name": "version",
                      "type": "int"
                    },
                    {
                      "name": "topic",
                      "type": "string"
                    },
                    {
                      "name": "partition",
                      "type": "int"
                    },
                    {
                      "name": "offset",
                      "type": "long"
                    },
                    {
                      "name": "at_ms",
                      "type": {
                        "type": "long",
                        "logicalType": "timestamp-millis"
                      }
                    }
                  ]
                }
              }
            },
            {
              "name": "traceparent",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      ],
      "default": null
    },
    {
      "name": "answered_by",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "due_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "touched_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    }
  ]
};

export const apiKeySchema: AvroRecord = {
  "type": "record",
  "name": "ApiKey",
  "namespace": "millrace",
  "fields": [
    {
      "name": "key_id",
      "type": "string"
    },
    {
      "name": "user_id",
      "type": "string"
    },
    {
      "name": "label",
      "type": "string"
    },
    {
      "name": "scopes",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "secret_sha256",
      "type": "string"
    },
    {
      "name": "expires_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "revoked_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "created_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "version",
      "type": "long"
    }
  ]
};

export const auditEventSchema: AvroRecord = {
  "type": "record",
  "name": "AuditEvent",
  "namespace": "millrace",
  "fields": [
    {
      "name": "event_id",
      "type": "string"
    },
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "actor",
      "type": "string"
    },
    {
      "name": "action",
      "type": "string"
    },
    {
      "name": "object",
      "type": "string"
    },
    {
      "name": "outcome",
      "type": "string"
    },
    {
      "name": "remote_address",
      "type": "string"
    },
    {
      "name": "details",
      "type": "string"
    }
  ]
};

export const consultedSchema: AvroRecord = {
  "type": "record",
  "name": "Consulted",
  "namespace": "millrace",
  "fields": [
    {
      "name": "sentiment",
      "default": null,
      "type": [
        "null",
        {
          "type": "record",
          "name": "Opinion",
          "namespace": "millrace",
          "fields": [
            {
              "name": "scores",
              "type": {
                "type": "map",
                "values": "double"
              }
            },
            {
              "name": "model",
              "type": "string"
            },
            {
              "name": "failure",
              "type": "string"
            }
          ]
        }
      ]
    },
    {
      "name": "category",
      "default": null,
      "type": [
        "null",
        "Opinion"
      ]
    },
    {
      "name": "summary",
      "default": null,
      "type": [
        "null",
        {
          "type": "record",
          "name": "WrittenSummary",
          "namespace": "millrace",
          "fields": [
            {
              "name": "text",
              "type": "string"
            },
            {
              "name": "model",
              "type": "string"
            },
            {
              "name": "failure",
              "type": "string"
            }
          ]
        }
      ]
    }
  ]
};

export const conversationSchema: AvroRecord = {
  "type": "record",
  "name": "Conversation",
  "namespace": "millrace",
  "fields": [
    {
      "name": "conversation_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "subject",
      "type": "string"
    },
    {
      "name": "customer",
      "type": "string"
    },
    {
      "name": "category",
      "type": "string"
    },
    {
      "name": "participants",
      "type": "int"
    },
    {
      "name": "mails_in",
      "type": "int"
    },
    {
      "name": "mails_out",
      "type": "int"
    },
    {
      "name": "mails_internal",
      "type": "int"
    },
    {
      "name": "mails_automatic",
      "type": "int"
    },
    {
      "name": "first_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "last_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "last_in_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "last_out_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "waiting",
      "type": {
        "type": "enum",
        "name": "WaitsOn",
        "symbols": [
          "nobody",
          "us",
          "them"
        ]
      }
    },
    {
      "name": "waiting_since_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "waiting_email_id",
      "type": "string"
    },
    {
      "name": "asked_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "first_response_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "first_response_seconds",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "first_response_business_seconds",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "sla_target_minutes",
      "type": [
        "null",
        "int"
      ],
      "default": null
    },
    {
      "name": "sla_due_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "answered_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "resolves_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "resolution_seconds",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "resolution_business_seconds",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "reopened",
      "type": "int"
    },
    {
      "name": "sentiment_score",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "importance",
      "type": "int"
    },
    {
      "name": "email_ids",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "updated_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const crmChangedSchema: AvroRecord = {
  "type": "record",
  "name": "CrmChanged",
  "namespace": "millrace",
  "fields": [
    {
      "name": "change_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "object",
      "type": "string"
    },
    {
      "name": "object_id",
      "type": "string"
    },
    {
      "name": "operation",
      "type": {
        "type": "enum",
        "name": "Operation",
        "symbols": [
          "upsert",
          "delete"
        ]
      }
    },
    {
      "name": "changed_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "received_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "person_email",
      "type": "string"
    },
    {
      "name": "person_name",
      "type": "string"
    },
    {
      "name": "account",
      "type": "string"
    },
    {
      "name": "stage",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "amount",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "outcome",
      "type": [
        "null",
        {
          "type": "enum",
          "name": "Outcome",
          "symbols": [
            "won",
            "lost"
          ]
        }
      ],
      "default": null
    },
    {
      "name": "fields",
      "type": "string"
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const customerSchema: AvroRecord = {
  "type": "record",
  "name": "Customer",
  "namespace": "millrace",
  "fields": [
    {
      "name": "person_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "name",
      "type": "string"
    },
    {
      "name": "account",
      "type": "string"
    },
    {
      "name": "title",
      "type": "string",
      "default": ""
    },
    {
      "name": "phone",
      "type": "string",
      "default": ""
    },
    {
      "name": "signed_name",
      "type": "string",
      "default": ""
    },
    {
      "name": "signed_company",
      "type": "string",
      "default": ""
    },
    {
      "name": "first_seen_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "last_seen_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "mails_in",
      "type": "int"
    },
    {
      "name": "mails_out",
      "type": "int"
    },
    {
      "name": "crm_changes",
      "type": "int"
    },
    {
      "name": "events",
      "type": "int"
    },
    {
      "name": "sentiment_mean",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "stage",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "amount",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "outcome",
      "type": [
        "null",
        {
          "type": "enum",
          "name": "Outcome",
          "symbols": [
            "won",
            "lost"
          ]
        }
      ],
      "default": null
    },
    {
      "name": "score",
      "type": "int"
    },
    {
      "name": "grade",
      "type": "string"
    },
    {
      "name": "fit",
      "type": "int",
      "default": 50
    },
    {
      "name": "engagement",
      "type": "int",
      "default": 50
    },
    {
      "name": "fit_log_odds",
      "type": "double",
      "default": 0
    },
    {
      "name": "engagement_log_odds",
      "type": "double",
      "default": 0
    },
    {
      "name": "log_odds",
      "type": "double"
    },
    {
      "name": "bias",
      "type": "double"
    },
    {
      "name": "confidence",
      "type": "double"
    },
    {
      "name": "reasons",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Reason",
          "namespace": "millrace",
          "fields": [
            {
              "name": "feature",
              "type": "string"
            },
            {
              "name": "value",
              "type": "string"
            },
            {
              "name": "log_odds",
              "type": "double"
            },
            {
              "name": "points",
              "type": "double"
            },
            {
              "name": "evidence_id",
              "type": "string"
            }
          ]
        }
      }
    },
    {
      "name": "model_version",
      "type": "string"
    },
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "updated_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "decayed_to_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "caused_by",
      "type": "string"
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const deadLetterSchema: AvroRecord = {
  "type": "record",
  "name": "DeadLetter",
  "namespace": "millrace",
  "fields": [
    {
      "name": "dead_letter_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "stage",
      "type": "string"
    },
    {
      "name": "cause",
      "type": "string"
    },
    {
      "name": "message",
      "type": "string"
    },
    {
      "name": "original_sha256",
      "type": "string"
    },
    {
      "name": "original_size_bytes",
      "type": "long"
    },
    {
      "name": "topic",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "partition",
      "type": [
        "null",
        "int"
      ],
      "default": null
    },
    {
      "name": "offset",
      "type": [
        "null",
        "long"
      ],
      "default": null
    },
    {
      "name": "original_key",
      "type": "string",
      "default": ""
    },
    {
      "name": "failed_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const deliverySchema: AvroRecord = {
  "type": "record",
  "name": "Delivery",
  "namespace": "millrace",
  "fields": [
    {
      "name": "email_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "received_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const duplicateSchema: AvroRecord = {
  "type": "record",
  "name": "Duplicate",
  "namespace": "millrace",
  "fields": [
    {
      "name": "record_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "kind",
      "type": "string"
    },
    {
      "name": "first_source",
      "type": "string"
    },
    {
      "name": "first_sequence",
      "type": "long"
    },
    {
      "name": "seen_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const emailSchema: AvroRecord = {
  "type": "record",
  "name": "Email",
  "namespace": "millrace",
  "fields": [
    {
      "name": "email_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "message_id",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "thread_id",
      "type": "string"
    },
    {
      "name": "in_reply_to",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "references",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "from",
      "type": {
        "type": "record",
        "name": "Address",
        "namespace": "millrace",
        "fields": [
          {
            "name": "name",
            "type": "string"
          },
          {
            "name": "address",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "reply_to",
      "type": {
        "type": "array",
        "items": "Address"
      }
    },
    {
      "name": "to",
      "type": {
        "type": "array",
        "items": "Address"
      }
    },
    {
      "name": "cc",
      "type": {
        "type": "array",
        "items": "Address"
      }
    },
    {
      "name": "sent_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "received_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "subject",
      "type": "string"
    },
    {
      "name": "text",
      "type": "string"
    },
    {
      "name": "quoted_text",
      "type": "string"
    },
    {
      "name": "text_truncated",
      "type": "boolean"
    },
    {
      "name": "headers",
      "type": {
        "type": "map",
        "values": "string"
      }
    },
    {
      "name": "attachments",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Attachment",
          "namespace": "millrace",
          "fields": [
            {
              "name": "filename",
              "type": "string"
            },
            {
              "name": "content_type",
              "type": "string"
            },
            {
              "name": "size_bytes",
              "type": "long"
            },
            {
              "name": "sha256",
              "type": "string"
            }
          ]
        }
      }
    },
    {
      "name": "original_sha256",
      "type": "string"
    },
    {
      "name": "original_size_bytes",
      "type": "long"
    },
    {
      "name": "signals",
      "default": {
        "replied": null,
        "starred": null,
        "opened": null
      },
      "type": {
        "type": "record",
        "name": "MailSignals",
        "namespace": "millrace",
        "fields": [
          {
            "name": "replied",
            "type": [
              "null",
              "boolean"
            ],
            "default": null
          },
          {
            "name": "starred",
            "type": [
              "null",
              "boolean"
            ],
            "default": null
          },
          {
            "name": "opened",
            "type": [
              "null",
              "boolean"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const emailEnrichedSchema: AvroRecord = {
  "type": "record",
  "name": "EmailEnriched",
  "namespace": "millrace",
  "fields": [
    {
      "name": "email",
      "type": {
        "type": "record",
        "name": "Email",
        "namespace": "millrace",
        "fields": [
          {
            "name": "email_id",
            "type": "string"
          },
          {
            "name": "owner",
            "type": {
              "type": "record",
              "name": "Owner",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "organization_id",
                  "type": "string"
                },
                {
                  "name": "mailbox",
                  "type": "string"
                },
                {
                  "name": "owner_id",
                  "type": "string"
                },
                {
                  "name": "team_id",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "message_id",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "thread_id",
            "type": "string"
          },
          {
            "name": "in_reply_to",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "references",
            "type": {
              "type": "array",
              "items": "string"
            }
          },
          {
            "name": "from",
            "type": {
              "type": "record",
              "name": "Address",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "name",
                  "type": "string"
                },
                {
                  "name": "address",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "reply_to",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "to",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "cc",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "sent_at_ms",
            "type": [
              "null",
              {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            ],
            "default": null
          },
          {
            "name": "received_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "subject",
            "type": "string"
          },
          {
            "name": "text",
            "type": "string"
          },
          {
            "name": "quoted_text",
            "type": "string"
          },
          {
            "name": "text_truncated",
            "type": "boolean"
          },
          {
            "name": "headers",
            "type": {
              "type": "map",
              "values": "string"
            }
          },
          {
            "name": "attachments",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Attachment",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string"
                  },
                  {
                    "name": "content_type",
                    "type": "string"
                  },
                  {
                    "name": "size_bytes",
                    "type": "long"
                  },
                  {
                    "name": "sha256",
                    "type": "string"
                  }
                ]
              }
            }
          },
          {
            "name": "original_sha256",
            "type": "string"
          },
          {
            "name": "original_size_bytes",
            "type": "long"
          },
          {
            "name": "signals",
            "default": {
              "replied": null,
              "starred": null,
              "opened": null
            },
            "type": {
              "type": "record",
              "name": "MailSignals",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "replied",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                },
                {
                  "name": "starred",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                },
                {
                  "name": "opened",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                }
              ]
            }
          }
        ]
      }
    },
    {
      "name": "direction",
      "type": {
        "type": "enum",
        "name": "Direction",
        "symbols": [
          "inbound",
          "outbound",
          "internal"
        ]
      }
    },
    {
      "name": "sentiment",
      "type": {
        "type": "enum",
        "name": "Sentiment",
        "symbols": [
          "negative",
          "neutral",
          "positive",
          "unscored"
        ]
      }
    },
    {
      "name": "sentiment_score",
      "type": "double"
    },
    {
      "name": "category",
      "type": "string"
    },
    {
      "name": "category_scores",
      "type": {
        "type": "map",
        "values": "double"
      }
    },
    {
      "name": "importance",
      "type": "int"
    },
    {
      "name": "importance_reasons",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Reason",
          "namespace": "millrace",
          "fields": [
            {
              "name": "feature",
              "type": "string"
            },
            {
              "name": "value",
              "type": "string"
            },
            {
              "name": "log_odds",
              "type": "double"
            },
            {
              "name": "points",
              "type": "double"
            },
            {
              "name": "evidence_id",
              "type": "string"
            }
          ]
        }
      }
    },
    {
      "name": "sentiment_confidence",
      "type": "double",
      "default": 0
    },
    {
      "name": "asks",
      "type": "double",
      "default": 0
    },
    {
      "name": "spam",
      "type": "double",
      "default": 0
    },
    {
      "name": "language",
      "type": "string",
      "default": ""
    },
    {
      "name": "automatic",
      "type": "string",
      "default": ""
    },
    {
      "name": "unsubscribes",
      "type": "boolean",
      "default": false
    },
    {
      "name": "summary",
      "type": "string",
      "default": ""
    },
    {
      "name": "entities",
      "default": [],
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Entity",
          "namespace": "millrace",
          "fields": [
            {
              "name": "text",
              "type": "string"
            },
            {
              "name": "type",
              "type": "string"
            },
            {
              "name": "start",
              "type": "int"
            },
            {
              "name": "end",
              "type": "int"
            }
          ]
        }
      }
    },
    {
      "name": "signature",
      "default": {
        "name": "",
        "title": "",
        "phone": "",
        "company": ""
      },
      "type": {
        "type": "record",
        "name": "Signature",
        "namespace": "millrace",
        "fields": [
          {
            "name": "name",
            "type": "string"
          },
          {
            "name": "title",
            "type": "string"
          },
          {
            "name": "phone",
            "type": "string"
          },
          {
            "name": "company",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "models",
      "type": {
        "type": "map",
        "values": "string"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const emailReceivedSchema: AvroRecord = {
  "type": "record",
  "name": "EmailReceived",
  "namespace": "millrace",
  "fields": [
    {
      "name": "email",
      "type": {
        "type": "record",
        "name": "Email",
        "namespace": "millrace",
        "fields": [
          {
            "name": "email_id",
            "type": "string"
          },
          {
            "name": "owner",
            "type": {
              "type": "record",
              "name": "Owner",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "organization_id",
                  "type": "string"
                },
                {
                  "name": "mailbox",
                  "type": "string"
                },
                {
                  "name": "owner_id",
                  "type": "string"
                },
                {
                  "name": "team_id",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "message_id",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "thread_id",
            "type": "string"
          },
          {
            "name": "in_reply_to",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "references",
            "type": {
              "type": "array",
              "items": "string"
            }
          },
          {
            "name": "from",
            "type": {
              "type": "record",
              "name": "Address",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "name",
                  "type": "string"
                },
                {
                  "name": "address",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "reply_to",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "to",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "cc",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "sent_at_ms",
            "type": [
              "null",
              {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            ],
            "default": null
          },
          {
            "name": "received_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "subject",
            "type": "string"
          },
          {
            "name": "text",
            "type": "string"
          },
          {
            "name": "quoted_text",
            "type": "string"
          },
          {
            "name": "text_truncated",
            "type": "boolean"
          },
          {
            "name": "headers",
            "type": {
              "type": "map",
              "values": "string"
            }
          },
          {
            "name": "attachments",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Attachment",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string"
                  },
                  {
                    "name": "content_type",
                    "type": "string"
                  },
                  {
                    "name": "size_bytes",
                    "type": "long"
                  },
                  {
                    "name": "sha256",
                    "type": "string"
                  }
                ]
              }
            }
          },
          {
            "name": "original_sha256",
            "type": "string"
          },
          {
            "name": "original_size_bytes",
            "type": "long"
          },
          {
            "name": "signals",
            "default": {
              "replied": null,
              "starred": null,
              "opened": null
            },
            "type": {
              "type": "record",
              "name": "MailSignals",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "replied",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                },
                {
                  "name": "starred",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                },
                {
                  "name": "opened",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                }
              ]
            }
          }
        ]
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const eventReceivedSchema: AvroRecord = {
  "type": "record",
  "name": "EventReceived",
  "namespace": "millrace",
  "fields": [
    {
      "name": "event_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "name",
      "type": "string"
    },
    {
      "name": "person_email",
      "type": "string"
    },
    {
      "name": "occurred_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "received_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "data",
      "type": "string"
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const feedbackSchema: AvroRecord = {
  "type": "record",
  "name": "Feedback",
  "namespace": "millrace",
  "fields": [
    {
      "name": "feedback_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "email",
      "type": {
        "type": "record",
        "name": "Email",
        "namespace": "millrace",
        "fields": [
          {
            "name": "email_id",
            "type": "string"
          },
          {
            "name": "owner",
            "type": "Owner"
          },
          {
            "name": "message_id",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "thread_id",
            "type": "string"
          },
          {
            "name": "in_reply_to",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "references",
            "type": {
              "type": "array",
              "items": "string"
            }
          },
          {
            "name": "from",
            "type": {
              "type": "record",
              "name": "Address",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "name",
                  "type": "string"
                },
                {
                  "name": "address",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "reply_to",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "to",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "cc",
            "type": {
              "type": "array",
              "items": "Address"
            }
          },
          {
            "name": "sent_at_ms",
            "type": [
              "null",
              {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            ],
            "default": null
          },
          {
            "name": "received_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "subject",
            "type": "string"
          },
          {
            "name": "text",
            "type": "string"
          },
          {
            "name": "quoted_text",
            "type": "string"
          },
          {
            "name": "text_truncated",
            "type": "boolean"
          },
          {
            "name": "headers",
            "type": {
              "type": "map",
              "values": "string"
            }
          },
          {
            "name": "attachments",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Attachment",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string"
                  },
                  {
                    "name": "content_type",
                    "type": "string"
                  },
                  {
                    "name": "size_bytes",
                    "type": "long"
                  },
                  {
                    "name": "sha256",
                    "type": "string"
                  }
                ]
              }
            }
          },
          {
            "name": "original_sha256",
            "type": "string"
          },
          {
            "name": "original_size_bytes",
            "type": "long"
          },
          {
            "name": "signals",
            "default": {
              "replied": null,
              "starred": null,
              "opened": null
            },
            "type": {
              "type": "record",
              "name": "MailSignals",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "replied",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                },
                {
                  "name": "starred",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                },
                {
                  "name": "opened",
                  "type": [
                    "null",
                    "boolean"
                  ],
                  "default": null
                }
              ]
            }
          }
        ]
      }
    },
    {
      "name": "model",
      "type": "string"
    },
    {
      "name": "label",
      "type": "string"
    },
    {
      "name": "said_by",
      "type": "string"
    },
    {
      "name": "said_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const grantSchema: AvroRecord = {
  "type": "record",
  "name": "Grant",
  "namespace": "millrace",
  "fields": [
    {
      "name": "name",
      "type": "string"
    },
    {
      "name": "bodies",
      "type": "boolean"
    }
  ]
};

export const importanceExampleSchema: AvroRecord = {
  "type": "record",
  "name": "ImportanceExample",
  "namespace": "millrace",
  "fields": [
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "mailbox",
      "type": "string"
    },
    {
      "name": "act",
      "type": "string"
    },
    {
      "name": "mail",
      "type": {
        "type": "record",
        "name": "TeachingMail",
        "namespace": "millrace",
        "fields": [
          {
            "name": "owner",
            "type": {
              "type": "record",
              "name": "Owner",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "organization_id",
                  "type": "string"
                },
                {
                  "name": "mailbox",
                  "type": "string"
                },
                {
                  "name": "owner_id",
                  "type": "string"
                },
                {
                  "name": "team_id",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "email_id",
            "type": "string"
          },
          {
            "name": "sender",
            "type": "int"
          },
          {
            "name": "features",
            "type": {
              "type": "array",
              "items": "int"
            }
          },
          {
            "name": "values",
            "type": {
              "type": "array",
              "items": "float"
            }
          },
          {
            "name": "said",
            "type": "float"
          },
          {
            "name": "received_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "act",
            "type": "string"
          },
          {
            "name": "awaits",
            "type": "boolean"
          }
        ]
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const interactionSchema: AvroRecord = {
  "type": "record",
  "name": "Interaction",
  "namespace": "millrace",
  "fields": [
    {
      "name": "interaction_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "person_id",
      "type": "string"
    },
    {
      "name": "person_name",
      "type": "string"
    },
    {
      "name": "account",
      "type": "string"
    },
    {
      "name": "title",
      "type": "string",
      "default": ""
    },
    {
      "name": "phone",
      "type": "string",
      "default": ""
    },
    {
      "name": "signed_name",
      "type": "string",
      "default": ""
    },
    {
      "name": "signed_company",
      "type": "string",
      "default": ""
    },
    {
      "name": "kind",
      "type": {
        "type": "enum",
        "name": "InteractionKind",
        "symbols": [
          "mail_in",
          "mail_out",
          "crm",
          "event"
        ]
      }
    },
    {
      "name": "name",
      "type": "string"
    },
    {
      "name": "record_id",
      "type": "string"
    },
    {
      "name": "thread_id",
      "type": "string",
      "default": ""
    },
    {
      "name": "automatic",
      "type": "boolean",
      "default": false
    },
    {
      "name": "occurred_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "sentiment_score",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "importance",
      "type": [
        "null",
        "int"
      ],
      "default": null
    },
    {
      "name": "category",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "stage",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "amount",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "outcome",
      "type": [
        "null",
        {
          "type": "enum",
          "name": "Outcome",
          "symbols": [
            "won",
            "lost"
          ]
        }
      ],
      "default": null
    },
    {
      "name": "data",
      "type": "string"
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const leadExampleSchema: AvroRecord = {
  "type": "record",
  "name": "LeadExample",
  "namespace": "millrace",
  "fields": [
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "outcome",
      "type": {
        "type": "enum",
        "name": "Outcome",
        "symbols": [
          "won",
          "lost"
        ]
      }
    },
    {
      "name": "occurred_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "prior_log_odds",
      "type": "double"
    },
    {
      "name": "rules_version",
      "type": "string"
    },
    {
      "name": "features",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "LeadFeature",
          "namespace": "millrace",
          "fields": [
            {
              "name": "feature",
              "type": "int"
            },
            {
              "name": "value",
              "type": "double"
            }
          ]
        }
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const leadLearningSchema: AvroRecord = {
  "type": "record",
  "name": "LeadLearning",
  "namespace": "millrace",
  "fields": [
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "won",
      "type": "long"
    },
    {
      "name": "coordinates",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "LeadCoordinate",
          "namespace": "millrace",
          "fields": [
            {
              "name": "feature",
              "type": "int"
            },
            {
              "name": "z",
              "type": "double"
            },
            {
              "name": "n",
              "type": "double"
            }
          ]
        }
      }
    },
    {
      "name": "foretold",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Foretold",
          "namespace": "millrace",
          "fields": [
            {
              "name": "log_odds",
              "type": "double"
            },
            {
              "name": "rules_log_odds",
              "type": "double"
            },
            {
              "name": "won",
              "type": "boolean"
            }
          ]
        }
      }
    }
  ]
};

export const leadModelSchema: AvroRecord = {
  "type": "record",
  "name": "LeadModel",
  "namespace": "millrace",
  "fields": [
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "won",
      "type": "long"
    },
    {
      "name": "weights",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "LeadWeight",
          "namespace": "millrace",
          "fields": [
            {
              "name": "feature",
              "type": "int"
            },
            {
              "name": "weight",
              "type": "double"
            }
          ]
        }
      }
    },
    {
      "name": "touched",
      "type": {
        "type": "array",
        "items": "LeadWeight"
      }
    },
    {
      "name": "measured",
      "type": "int"
    },
    {
      "name": "log_loss",
      "type": "double"
    },
    {
      "name": "rules_log_loss",
      "type": "double"
    },
    {
      "name": "brier",
      "type": "double"
    },
    {
      "name": "predicted",
      "type": "double"
    },
    {
      "name": "actual",
      "type": "double"
    },
    {
      "name": "learned_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    }
  ]
};

export const learningSchema: AvroRecord = {
  "type": "record",
  "name": "Learning",
  "namespace": "millrace",
  "fields": [
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "log_loss",
      "type": "double"
    },
    {
      "name": "shipped_log_loss",
      "type": "double"
    },
    {
      "name": "correction",
      "type": {
        "type": "record",
        "name": "LearntCorrection",
        "namespace": "millrace",
        "fields": [
          {
            "name": "features",
            "type": {
              "type": "array",
              "items": "int"
            }
          },
          {
            "name": "weights",
            "type": {
              "type": "array",
              "items": "float"
            }
          },
          {
            "name": "mixing",
            "type": {
              "type": "array",
              "items": "float"
            }
          },
          {
            "name": "bias",
            "type": {
              "type": "array",
              "items": "float"
            }
          }
        ]
      }
    },
    {
      "name": "examples",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "FeedbackExample",
          "namespace": "millrace",
          "fields": [
            {
              "name": "email_id",
              "type": "string"
            },
            {
              "name": "features",
              "type": {
                "type": "array",
                "items": "int"
              }
            },
            {
              "name": "values",
              "type": {
                "type": "array",
                "items": "float"
              }
            },
            {
              "name": "said",
              "type": {
                "type": "array",
                "items": "float"
              }
            },
            {
              "name": "label",
              "type": "int"
            },
            {
              "name": "act",
              "type": "string",
              "default": "marked"
            },
            {
              "name": "sender",
              "type": "int",
              "default": 0
            },
            {
              "name": "received_at_ms",
              "type": "long",
              "default": 0
            }
          ]
        }
      }
    },
    {
      "name": "waiting",
      "type": "int",
      "default": 0
    }
  ]
};

export const learntSchema: AvroRecord = {
  "type": "record",
  "name": "Learnt",
  "namespace": "millrace",
  "fields": [
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "mailbox",
      "type": "string"
    },
    {
      "name": "model",
      "type": "string"
    },
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "examples",
      "type": "int"
    },
    {
      "name": "acts",
      "type": "int",
      "default": 0
    },
    {
      "name": "correction",
      "type": {
        "type": "record",
        "name": "LearntCorrection",
        "namespace": "millrace",
        "fields": [
          {
            "name": "features",
            "type": {
              "type": "array",
              "items": "int"
            }
          },
          {
            "name": "weights",
            "type": {
              "type": "array",
              "items": "float"
            }
          },
          {
            "name": "mixing",
            "type": {
              "type": "array",
              "items": "float"
            }
          },
          {
            "name": "bias",
            "type": {
              "type": "array",
              "items": "float"
            }
          }
        ]
      }
    },
    {
      "name": "log_loss",
      "type": "double"
    },
    {
      "name": "shipped_log_loss",
      "type": "double"
    },
    {
      "name": "caused_by",
      "type": "string"
    },
    {
      "name": "learnt_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const lineageSchema: AvroRecord = {
  "type": "record",
  "name": "Lineage",
  "namespace": "millrace",
  "fields": [
    {
      "name": "source",
      "type": "string"
    },
    {
      "name": "sequence",
      "type": "long"
    },
    {
      "name": "origin",
      "type": {
        "type": "enum",
        "name": "Origin",
        "symbols": [
          "live",
          "backfill"
        ]
      }
    },
    {
      "name": "ingested_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "hops",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Hop",
          "namespace": "millrace",
          "fields": [
            {
              "name": "stage",
              "type": "string"
            },
            {
              "name": "version",
              "type": "int"
            },
            {
              "name": "topic",
              "type": "string"
            },
            {
              "name": "partition",
              "type": "int"
            },
            {
              "name": "offset",
              "type": "long"
            },
            {
              "name": "at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            }
          ]
        }
      }
    },
    {
      "name": "traceparent",
      "type": [
        "null",
        "string"
      ],
      "default": null
    }
  ]
};

export const mailActSchema: AvroRecord = {
  "type": "record",
  "name": "MailAct",
  "namespace": "millrace",
  "fields": [
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "message_id",
      "type": "string"
    },
    {
      "name": "mail",
      "default": null,
      "type": [
        "null",
        {
          "type": "record",
          "name": "TeachingMail",
          "namespace": "millrace",
          "fields": [
            {
              "name": "owner",
              "type": "Owner"
            },
            {
              "name": "email_id",
              "type": "string"
            },
            {
              "name": "sender",
              "type": "int"
            },
            {
              "name": "features",
              "type": {
                "type": "array",
                "items": "int"
              }
            },
            {
              "name": "values",
              "type": {
                "type": "array",
                "items": "float"
              }
            },
            {
              "name": "said",
              "type": "float"
            },
            {
              "name": "received_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "act",
              "type": "string"
            },
            {
              "name": "awaits",
              "type": "boolean"
            }
          ]
        }
      ]
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const measurementSchema: AvroRecord = {
  "type": "record",
  "name": "Measurement",
  "namespace": "millrace",
  "fields": [
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "category",
      "type": "string"
    },
    {
      "name": "measure",
      "type": {
        "type": "enum",
        "name": "Measure",
        "symbols": [
          "tick",
          "mail_in",
          "mail_out",
          "mail_internal",
          "event",
          "response",
          "lead_up",
          "lead_down"
        ]
      }
    },
    {
      "name": "value",
      "type": "double"
    },
    {
      "name": "at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "record_id",
      "type": "string"
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const metricWindowSchema: AvroRecord = {
  "type": "record",
  "name": "MetricWindow",
  "namespace": "millrace",
  "fields": [
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "category",
      "type": "string"
    },
    {
      "name": "start_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "mails_in",
      "type": "int"
    },
    {
      "name": "mails_out",
      "type": "int"
    },
    {
      "name": "mails_internal",
      "type": "int"
    },
    {
      "name": "events",
      "type": "int"
    },
    {
      "name": "negative",
      "type": "int"
    },
    {
      "name": "sentiment_sum",
      "type": "double"
    },
    {
      "name": "responses",
      "type": "int"
    },
    {
      "name": "response_seconds_sum",
      "type": "double"
    },
    {
      "name": "response_seconds_max",
      "type": "double"
    },
    {
      "name": "leads_up",
      "type": "int"
    },
    {
      "name": "leads_down",
      "type": "int"
    },
    {
      "name": "corrected",
      "type": "boolean"
    },
    {
      "name": "version",
      "type": "int"
    },
    {
      "name": "closed_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    }
  ]
};

export const openWindowsSchema: AvroRecord = {
  "type": "record",
  "name": "OpenWindows",
  "namespace": "millrace",
  "fields": [
    {
      "name": "windows",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "OpenWindow",
          "namespace": "millrace",
          "fields": [
            {
              "name": "window",
              "type": {
                "type": "record",
                "name": "MetricWindow",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "owner",
                    "type": {
                      "type": "record",
                      "name": "Owner",
                      "namespace": "millrace",
                      "fields": [
                        {
                          "name": "organization_id",
                          "type": "string"
                        },
                        {
                          "name": "mailbox",
                          "type": "string"
                        },
                        {
                          "name": "owner_id",
                          "type": "string"
                        },
                        {
                          "name": "team_id",
                          "type": "string"
                        }
                      ]
                    }
                  },
                  {
                    "name": "category",
                    "type": "string"
                  },
                  {
                    "name": "start_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  },
                  {
                    "name": "mails_in",
                    "type": "int"
                  },
                  {
                    "name": "mails_out",
                    "type": "int"
                  },
                  {
                    "name": "mails_internal",
                    "type": "int"
                  },
                  {
                    "name": "events",
                    "type": "int"
                  },
                  {
                    "name": "negative",
                    "type": "int"
                  },
                  {
                    "name": "sentiment_sum",
                    "type": "double"
                  },
                  {
                    "name": "responses",
                    "type": "int"
                  },
                  {
                    "name": "response_seconds_sum",
                    "type": "double"
                  },
                  {
                    "name": "response_seconds_max",
                    "type": "double"
                  },
                  {
                    "name": "leads_up",
                    "type": "int"
                  },
                  {
                    "name": "leads_down",
                    "type": "int"
                  },
                  {
                    "name": "corrected",
                    "type": "boolean"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "closed_at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            },
            {
              "name": "changed",
              "type": "boolean"
            }
          ]
        }
      }
    }
  ]
};

export const ownerSchema: AvroRecord = {
  "type": "record",
  "name": "Owner",
  "namespace": "millrace",
  "fields": [
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "mailbox",
      "type": "string"
    },
    {
      "name": "owner_id",
      "type": "string"
    },
    {
      "name": "team_id",
      "type": "string"
    }
  ]
};

export const profileSchema: AvroRecord = {
  "type": "record",
  "name": "Profile",
  "namespace": "millrace",
  "fields": [
    {
      "name": "customer",
      "type": {
        "type": "record",
        "name": "Customer",
        "namespace": "millrace",
        "fields": [
          {
            "name": "person_id",
            "type": "string"
          },
          {
            "name": "owner",
            "type": {
              "type": "record",
              "name": "Owner",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "organization_id",
                  "type": "string"
                },
                {
                  "name": "mailbox",
                  "type": "string"
                },
                {
                  "name": "owner_id",
                  "type": "string"
                },
                {
                  "name": "team_id",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "name",
            "type": "string"
          },
          {
            "name": "account",
            "type": "string"
          },
          {
            "name": "title",
            "type": "string",
            "default": ""
          },
          {
            "name": "phone",
            "type": "string",
            "default": ""
          },
          {
            "name": "signed_name",
            "type": "string",
            "default": ""
          },
          {
            "name": "signed_company",
            "type": "string",
            "default": ""
          },
          {
            "name": "first_seen_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "last_seen_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "mails_in",
            "type": "int"
          },
          {
            "name": "mails_out",
            "type": "int"
          },
          {
            "name": "crm_changes",
            "type": "int"
          },
          {
            "name": "events",
            "type": "int"
          },
          {
            "name": "sentiment_mean",
            "type": [
              "null",
              "double"
            ],
            "default": null
          },
          {
            "name": "stage",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "amount",
            "type": [
              "null",
              "double"
            ],
            "default": null
          },
          {
            "name": "outcome",
            "type": [
              "null",
              {
                "type": "enum",
                "name": "Outcome",
                "symbols": [
                  "won",
                  "lost"
                ]
              }
            ],
            "default": null
          },
          {
            "name": "score",
            "type": "int"
          },
          {
            "name": "grade",
            "type": "string"
          },
          {
            "name": "fit",
            "type": "int",
            "default": 50
          },
          {
            "name": "engagement",
            "type": "int",
            "default": 50
          },
          {
            "name": "fit_log_odds",
            "type": "double",
            "default": 0
          },
          {
            "name": "engagement_log_odds",
            "type": "double",
            "default": 0
          },
          {
            "name": "log_odds",
            "type": "double"
          },
          {
            "name": "bias",
            "type": "double"
          },
          {
            "name": "confidence",
            "type": "double"
          },
          {
            "name": "reasons",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Reason",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "feature",
                    "type": "string"
                  },
                  {
                    "name": "value",
                    "type": "string"
                  },
                  {
                    "name": "log_odds",
                    "type": "double"
                  },
                  {
                    "name": "points",
                    "type": "double"
                  },
                  {
                    "name": "evidence_id",
                    "type": "string"
                  }
                ]
              }
            }
          },
          {
            "name": "model_version",
            "type": "string"
          },
          {
            "name": "version",
            "type": "long"
          },
          {
            "name": "updated_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "decayed_to_ms",
            "type": [
              "null",
              {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            ],
            "default": null
          },
          {
            "name": "caused_by",
            "type": "string"
          },
          {
            "name": "lineage",
            "type": {
              "type": "record",
              "name": "Lineage",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "source",
                  "type": "string"
                },
                {
                  "name": "sequence",
                  "type": "long"
                },
                {
                  "name": "origin",
                  "type": {
                    "type": "enum",
                    "name": "Origin",
                    "symbols": [
                      "live",
                      "backfill"
                    ]
                  }
                },
                {
                  "name": "ingested_at_ms",
                  "type": {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                },
                {
                  "name": "hops",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "Hop",
                      "namespace": "millrace",
                      "fields": [
                        {
                          "name": "stage",
                          "type": "string"
                        },
                        {
                          "name": "version",
                          "type": "int"
                        },
                        {
                          "name": "topic",
                          "type": "string"
                        },
                        {
                          "name": "partition",
                          "type": "int"
                        },
                        {
                          "name": "offset",
                          "type": "long"
                        },
                        {
                          "name": "at_ms",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          }
                        }
                      ]
                    }
                  }
                },
                {
                  "name": "traceparent",
                  "type": [
                    "null",
                    "string"
                  ],
                  "default": null
                }
              ]
            }
          }
        ]
      }
    },
    {
      "name": "recent",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Evidence",
          "namespace": "millrace",
          "fields": [
            {
              "name": "interaction_id",
              "type": "string"
            },
            {
              "name": "kind",
              "type": {
                "type": "enum",
                "name": "InteractionKind",
                "symbols": [
                  "mail_in",
                  "mail_out",
                  "crm",
                  "event"
                ]
              }
            },
            {
              "name": "name",
              "type": "string"
            },
            {
              "name": "occurred_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "sentiment_score",
              "type": [
                "null",
                "double"
              ],
              "default": null
            }
          ]
        }
      }
    },
    {
      "name": "waiting",
      "default": [],
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Waiting",
          "namespace": "millrace",
          "fields": [
            {
              "name": "thread_id",
              "type": "string"
            },
            {
              "name": "since_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "category",
              "type": "string"
            }
          ]
        }
      }
    },
    {
      "name": "decays_at_ms",
      "type": [
        "long",
        "null"
      ],
      "default": 0
    },
    {
      "name": "tones",
      "type": "int",
      "default": 0
    }
  ]
};

export const questionSchema: AvroRecord = {
  "type": "record",
  "name": "Question",
  "namespace": "millrace",
  "fields": [
    {
      "name": "question_id",
      "type": "string"
    },
    {
      "name": "owner_id",
      "type": "string"
    },
    {
      "name": "title",
      "type": "string"
    },
    {
      "name": "description",
      "type": "string"
    },
    {
      "name": "kind",
      "type": "string"
    },
    {
      "name": "list",
      "type": "string"
    },
    {
      "name": "sql",
      "type": "string"
    },
    {
      "name": "parameters",
      "type": "string"
    },
    {
      "name": "visualisation",
      "type": "string"
    },
    {
      "name": "everyone",
      "type": "boolean"
    },
    {
      "name": "teams",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "created_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "updated_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "version",
      "type": "long"
    }
  ]
};

export const replaySchema: AvroRecord = {
  "type": "record",
  "name": "Replay",
  "namespace": "millrace",
  "fields": [
    {
      "name": "dead_letter_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "original_sha256",
      "type": "string"
    },
    {
      "name": "replayed_sha256",
      "type": "string"
    },
    {
      "name": "replay_organization_id",
      "type": "string"
    },
    {
      "name": "replay_sequence",
      "type": "long"
    },
    {
      "name": "replayed_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    }
  ]
};

export const seenSchema: AvroRecord = {
  "type": "record",
  "name": "Seen",
  "namespace": "millrace",
  "fields": [
    {
      "name": "source",
      "type": "string"
    },
    {
      "name": "sequence",
      "type": "long"
    },
    {
      "name": "mailboxes",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "original",
      "type": "string",
      "default": ""
    }
  ]
};

export const sessionSchema: AvroRecord = {
  "type": "record",
  "name": "Session",
  "namespace": "millrace",
  "fields": [
    {
      "name": "session_id",
      "type": "string"
    },
    {
      "name": "user_id",
      "type": "string"
    },
    {
      "name": "generation",
      "type": "int"
    },
    {
      "name": "rotated_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "created_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "expires_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "ended_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "version",
      "type": "long"
    }
  ]
};

export const shareSchema: AvroRecord = {
  "type": "record",
  "name": "Share",
  "namespace": "millrace",
  "fields": [
    {
      "name": "share_id",
      "type": "string"
    },
    {
      "name": "question_id",
      "type": "string"
    },
    {
      "name": "maker_id",
      "type": "string"
    },
    {
      "name": "label",
      "type": "string"
    },
    {
      "name": "secret_sha256",
      "type": "string"
    },
    {
      "name": "expires_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "revoked_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "created_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "version",
      "type": "long"
    }
  ]
};

export const sourceSchema: AvroRecord = {
  "type": "record",
  "name": "Source",
  "namespace": "millrace",
  "fields": [
    {
      "name": "source",
      "type": "string"
    },
    {
      "name": "connector",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "origin",
      "type": {
        "type": "enum",
        "name": "Origin",
        "symbols": [
          "live",
          "backfill"
        ]
      }
    },
    {
      "name": "config",
      "type": "string"
    },
    {
      "name": "created_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "asked_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      },
      "default": 0
    }
  ]
};

export const sourcePositionSchema: AvroRecord = {
  "type": "record",
  "name": "SourcePosition",
  "namespace": "millrace",
  "fields": [
    {
      "name": "organization_id",
      "type": "string"
    },
    {
      "name": "source",
      "type": "string"
    },
    {
      "name": "connector",
      "type": "string"
    },
    {
      "name": "sequence",
      "type": "long"
    },
    {
      "name": "position",
      "type": "string"
    },
    {
      "name": "done",
      "type": "boolean"
    },
    {
      "name": "error",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "read_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "asked_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      },
      "default": 0
    }
  ]
};

export const threadLinkSchema: AvroRecord = {
  "type": "record",
  "name": "ThreadLink",
  "namespace": "millrace",
  "fields": [
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "message_id",
      "type": "string"
    },
    {
      "name": "mail",
      "type": [
        "null",
        {
          "type": "record",
          "name": "ThreadMail",
          "namespace": "millrace",
          "fields": [
            {
              "name": "email_id",
              "type": "string"
            },
            {
              "name": "owner",
              "type": "Owner"
            },
            {
              "name": "message_id",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "anchor",
              "type": "string"
            },
            {
              "name": "direction",
              "type": {
                "type": "enum",
                "name": "Direction",
                "symbols": [
                  "inbound",
                  "outbound",
                  "internal"
                ]
              }
            },
            {
              "name": "automatic",
              "type": "boolean"
            },
            {
              "name": "closing",
              "type": "boolean"
            },
            {
              "name": "writer",
              "type": "string"
            },
            {
              "name": "customer",
              "type": "string"
            },
            {
              "name": "subject",
              "type": "string"
            },
            {
              "name": "category",
              "type": "string"
            },
            {
              "name": "sentiment_score",
              "type": [
                "null",
                "double"
              ],
              "default": null
            },
            {
              "name": "importance",
              "type": "int"
            },
            {
              "name": "received_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            }
          ]
        }
      ],
      "default": null
    },
    {
      "name": "thread_id",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "links",
      "type": "int",
      "default": 0
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const threadMailSchema: AvroRecord = {
  "type": "record",
  "name": "ThreadMail",
  "namespace": "millrace",
  "fields": [
    {
      "name": "email_id",
      "type": "string"
    },
    {
      "name": "owner",
      "type": {
        "type": "record",
        "name": "Owner",
        "namespace": "millrace",
        "fields": [
          {
            "name": "organization_id",
            "type": "string"
          },
          {
            "name": "mailbox",
            "type": "string"
          },
          {
            "name": "owner_id",
            "type": "string"
          },
          {
            "name": "team_id",
            "type": "string"
          }
        ]
      }
    },
    {
      "name": "message_id",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "anchor",
      "type": "string"
    },
    {
      "name": "direction",
      "type": {
        "type": "enum",
        "name": "Direction",
        "symbols": [
          "inbound",
          "outbound",
          "internal"
        ]
      }
    },
    {
      "name": "automatic",
      "type": "boolean"
    },
    {
      "name": "closing",
      "type": "boolean"
    },
    {
      "name": "writer",
      "type": "string"
    },
    {
      "name": "customer",
      "type": "string"
    },
    {
      "name": "subject",
      "type": "string"
    },
    {
      "name": "category",
      "type": "string"
    },
    {
      "name": "sentiment_score",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "importance",
      "type": "int"
    },
    {
      "name": "received_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    }
  ]
};

export const threadMessageSchema: AvroRecord = {
  "type": "record",
  "name": "ThreadMessage",
  "namespace": "millrace",
  "fields": [
    {
      "name": "thread_id",
      "type": "string"
    },
    {
      "name": "mail",
      "type": {
        "type": "record",
        "name": "ThreadMail",
        "namespace": "millrace",
        "fields": [
          {
            "name": "email_id",
            "type": "string"
          },
          {
            "name": "owner",
            "type": {
              "type": "record",
              "name": "Owner",
              "namespace": "millrace",
              "fields": [
                {
                  "name": "organization_id",
                  "type": "string"
                },
                {
                  "name": "mailbox",
                  "type": "string"
                },
                {
                  "name": "owner_id",
                  "type": "string"
                },
                {
                  "name": "team_id",
                  "type": "string"
                }
              ]
            }
          },
          {
            "name": "message_id",
            "type": [
              "null",
              "string"
            ],
            "default": null
          },
          {
            "name": "anchor",
            "type": "string"
          },
          {
            "name": "direction",
            "type": {
              "type": "enum",
              "name": "Direction",
              "symbols": [
                "inbound",
                "outbound",
                "internal"
              ]
            }
          },
          {
            "name": "automatic",
            "type": "boolean"
          },
          {
            "name": "closing",
            "type": "boolean"
          },
          {
            "name": "writer",
            "type": "string"
          },
          {
            "name": "customer",
            "type": "string"
          },
          {
            "name": "subject",
            "type": "string"
          },
          {
            "name": "category",
            "type": "string"
          },
          {
            "name": "sentiment_score",
            "type": [
              "null",
              "double"
            ],
            "default": null
          },
          {
            "name": "importance",
            "type": "int"
          },
          {
            "name": "received_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          }
        ]
      }
    },
    {
      "name": "left",
      "type": "boolean"
    },
    {
      "name": "lineage",
      "type": {
        "type": "record",
        "name": "Lineage",
        "namespace": "millrace",
        "fields": [
          {
            "name": "source",
            "type": "string"
          },
          {
            "name": "sequence",
            "type": "long"
          },
          {
            "name": "origin",
            "type": {
              "type": "enum",
              "name": "Origin",
              "symbols": [
                "live",
                "backfill"
              ]
            }
          },
          {
            "name": "ingested_at_ms",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            }
          },
          {
            "name": "hops",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Hop",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "stage",
                    "type": "string"
                  },
                  {
                    "name": "version",
                    "type": "int"
                  },
                  {
                    "name": "topic",
                    "type": "string"
                  },
                  {
                    "name": "partition",
                    "type": "int"
                  },
                  {
                    "name": "offset",
                    "type": "long"
                  },
                  {
                    "name": "at_ms",
                    "type": {
                      "type": "long",
                      "logicalType": "timestamp-millis"
                    }
                  }
                ]
              }
            }
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "default": null
          }
        ]
      }
    }
  ]
};

export const threadNodeSchema: AvroRecord = {
  "type": "record",
  "name": "ThreadNode",
  "namespace": "millrace",
  "fields": [
    {
      "name": "thread_id",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "root",
      "type": "boolean"
    },
    {
      "name": "children",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "ThreadMail",
          "namespace": "millrace",
          "fields": [
            {
              "name": "email_id",
              "type": "string"
            },
            {
              "name": "owner",
              "type": {
                "type": "record",
                "name": "Owner",
                "namespace": "millrace",
                "fields": [
                  {
                    "name": "organization_id",
                    "type": "string"
                  },
                  {
                    "name": "mailbox",
                    "type": "string"
                  },
                  {
                    "name": "owner_id",
                    "type": "string"
                  },
                  {
                    "name": "team_id",
                    "type": "string"
                  }
                ]
              }
            },
            {
              "name": "message_id",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "anchor",
              "type": "string"
            },
            {
              "name": "direction",
              "type": {
                "type": "enum",
                "name": "Direction",
                "symbols": [
                  "inbound",
                  "outbound",
                  "internal"
                ]
              }
            },
            {
              "name": "automatic",
              "type": "boolean"
            },
            {
              "name": "closing",
              "type": "boolean"
            },
            {
              "name": "writer",
              "type": "string"
            },
            {
              "name": "customer",
              "type": "string"
            },
            {
              "name": "subject",
              "type": "string"
            },
            {
              "name": "category",
              "type": "string"
            },
            {
              "name": "sentiment_score",
              "type": [
                "null",
                "double"
              ],
              "default": null
            },
            {
              "name": "importance",
              "type": "int"
            },
            {
              "name": "received_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            }
          ]
        }
      }
    }
  ]
};

export const threadProgressSchema: AvroRecord = {
  "type": "record",
  "name": "ThreadProgress",
  "namespace": "millrace",
  "fields": [
    {
      "name": "subject",
      "type": "string"
    },
    {
      "name": "customer",
      "type": "string"
    },
    {
      "name": "category",
      "type": "string"
    },
    {
      "name": "writers",
      "type": {
        "type": "array",
        "items": "string"
      }
    },
    {
      "name": "mails_in",
      "type": "int"
    },
    {
      "name": "mails_out",
      "type": "int"
    },
    {
      "name": "mails_internal",
      "type": "int"
    },
    {
      "name": "mails_automatic",
      "type": "int"
    },
    {
      "name": "asks",
      "type": "int"
    },
    {
      "name": "first_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "last_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "last_in_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "last_out_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "first_owner",
      "type": [
        "null",
        {
          "type": "record",
          "name": "Owner",
          "namespace": "millrace",
          "fields": [
            {
              "name": "organization_id",
              "type": "string"
            },
            {
              "name": "mailbox",
              "type": "string"
            },
            {
              "name": "owner_id",
              "type": "string"
            },
            {
              "name": "team_id",
              "type": "string"
            }
          ]
        }
      ],
      "default": null
    },
    {
      "name": "answer_owner",
      "type": [
        "null",
        "Owner"
      ],
      "default": null
    },
    {
      "name": "waiting",
      "type": {
        "type": "enum",
        "name": "WaitsOn",
        "symbols": [
          "nobody",
          "us",
          "them"
        ]
      }
    },
    {
      "name": "waiting_since_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "waiting_email_id",
      "type": "string"
    },
    {
      "name": "asked_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "first_response_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "answered_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "resolves_at_ms",
      "type": [
        "null",
        {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      ],
      "default": null
    },
    {
      "name": "reopened",
      "type": "int"
    },
    {
      "name": "sentiment_score",
      "type": [
        "null",
        "double"
      ],
      "default": null
    },
    {
      "name": "importance",
      "type": "int"
    }
  ]
};

export const threadStateSchema: AvroRecord = {
  "type": "record",
  "name": "ThreadState",
  "namespace": "millrace",
  "fields": [
    {
      "name": "base",
      "type": [
        "null",
        {
          "type": "record",
          "name": "ThreadProgress",
          "namespace": "millrace",
          "fields": [
            {
              "name": "subject",
              "type": "string"
            },
            {
              "name": "customer",
              "type": "string"
            },
            {
              "name": "category",
              "type": "string"
            },
            {
              "name": "writers",
              "type": {
                "type": "array",
                "items": "string"
              }
            },
            {
              "name": "mails_in",
              "type": "int"
            },
            {
              "name": "mails_out",
              "type": "int"
            },
            {
              "name": "mails_internal",
              "type": "int"
            },
            {
              "name": "mails_automatic",
              "type": "int"
            },
            {
              "name": "asks",
              "type": "int"
            },
            {
              "name": "first_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "last_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "last_in_at_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "last_out_at_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "first_owner",
              "type": [
                "null",
                {
                  "type": "record",
                  "name": "Owner",
                  "namespace": "millrace",
                  "fields": [
                    {
                      "name": "organization_id",
                      "type": "string"
                    },
                    {
                      "name": "mailbox",
                      "type": "string"
                    },
                    {
                      "name": "owner_id",
                      "type": "string"
                    },
                    {
                      "name": "team_id",
                      "type": "string"
                    }
                  ]
                }
              ],
              "default": null
            },
            {
              "name": "answer_owner",
              "type": [
                "null",
                "Owner"
              ],
              "default": null
            },
            {
              "name": "waiting",
              "type": {
                "type": "enum",
                "name": "WaitsOn",
                "symbols": [
                  "nobody",
                  "us",
                  "them"
                ]
              }
            },
            {
              "name": "waiting_since_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "waiting_email_id",
              "type": "string"
            },
            {
              "name": "asked_at_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "first_response_at_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "answered_at_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "resolves_at_ms",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "reopened",
              "type": "int"
            },
            {
              "name": "sentiment_score",
              "type": [
                "null",
                "double"
              ],
              "default": null
            },
            {
              "name": "importance",
              "type": "int"
            }
          ]
        }
      ],
      "default": null
    },
    {
      "name": "mails",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "ThreadMail",
          "namespace": "millrace",
          "fields": [
            {
              "name": "email_id",
              "type": "string"
            },
            {
              "name": "owner",
              "type": "Owner"
            },
            {
              "name": "message_id",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "anchor",
              "type": "string"
            },
            {
              "name": "direction",
              "type": {
                "type": "enum",
                "name": "Direction",
                "symbols": [
                  "inbound",
                  "outbound",
                  "internal"
                ]
              }
            },
            {
              "name": "automatic",
              "type": "boolean"
            },
            {
              "name": "closing",
              "type": "boolean"
            },
            {
              "name": "writer",
              "type": "string"
            },
            {
              "name": "customer",
              "type": "string"
            },
            {
              "name": "subject",
              "type": "string"
            },
            {
              "name": "category",
              "type": "string"
            },
            {
              "name": "sentiment_score",
              "type": [
                "null",
                "double"
              ],
              "default": null
            },
            {
              "name": "importance",
              "type": "int"
            },
            {
              "name": "received_at_ms",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            }
          ]
        }
      }
    },
    {
      "name": "version",
      "type": "long"
    },
    {
      "name": "touched_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    }
  ]
};

export const userSchema: AvroRecord = {
  "type": "record",
  "name": "User",
  "namespace": "millrace",
  "fields": [
    {
      "name": "user_id",
      "type": "string"
    },
    {
      "name": "name",
      "type": "string"
    },
    {
      "name": "email",
      "type": "string"
    },
    {
      "name": "role",
      "type": "string"
    },
    {
      "name": "mailboxes",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "Grant",
          "namespace": "millrace",
          "fields": [
            {
              "name": "name",
              "type": "string"
            },
            {
              "name": "bodies",
              "type": "boolean"
            }
          ]
        }
      }
    },
    {
      "name": "teams",
      "type": {
        "type": "array",
        "items": "Grant"
      }
    },
    {
      "name": "password_hash",
      "type": [
        "null",
        "string"
      ],
      "default": null
    },
    {
      "name": "state",
      "type": "string"
    },
    {
      "name": "tokens_from_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "created_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "updated_at_ms",
      "type": {
        "type": "long",
        "logicalType": "timestamp-millis"
      }
    },
    {
      "name": "version",
      "type": "long"
    }
  ]
};
