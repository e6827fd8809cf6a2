/** Every topic: what it carries, how it is keyed, spread and kept. The stages meet here and nowhere else. */
import { defineTopic, type Topic } from '../lib/topic.ts';
import {
  type ApiKey,
  type AuditEvent,
  apiKeySchema,
  auditEventSchema,
  type Conversation,
  type CrmChanged,
  type Customer,
  conversationSchema,
  crmChangedSchema,
  customerSchema,
  type DeadLetter,
  type Delivery,
  type Duplicate,
  deadLetterSchema,
  deliverySchema,
  duplicateSchema,
  type EmailEnriched,
  type EmailReceived,
  type EventReceived,
  emailEnrichedSchema,
  emailReceivedSchema,
  eventReceivedSchema,
  type Feedback,
  feedbackSchema,
  type ImportanceExample,
  type Interaction,
  importanceExampleSchema,
  interactionSchema,
  type LeadExample,
  type LeadModel,
  type Learnt,
  leadExampleSchema,
  leadModelSchema,
  learntSchema,
  type MailAct,
  type Measurement,
  type MetricWindow,
  mailActSchema,
  measurementSchema,
  metricWindowSchema,
  type Owner,
  type Question,
  questionSchema,
  type Replay,
  replaySchema,
  type Session,
  type Share,
  type Source,
  type SourcePosition,
  sessionSchema,
  shareSchema,
  sourcePositionSchema,
  sourceSchema,
  type ThreadLink,
  type ThreadMessage,
  threadLinkSchema,
  threadMessageSchema,
  type User,
  userSchema,
} from './generated.ts';

const day_ms = 24 * 60 * 60 * 1000;

const data = { partitions: 'many', retention_ms: 7 * day_ms } as const;
const groupOf = (owner: Owner, category: string): string =>
  within(owner, JSON.stringify([owner.team_id, owner.owner_id, owner.mailbox, category]));
const within = (owner: Owner, id: string): string => `${owner.organization_id}/${id}`;

/** Of what a model learns in an organisation, or in one of its mailboxes. */
export const learntKey = (organization_id: string, model: string, mailbox: string): string =>
  `${organization_id}/${model}/${mailbox}`;

/** Keyed by record id, so that one task sees every arrival of a record and can tell the first. */
const emailReceived = defineTopic<EmailReceived>({
  ...data,
  name: 'email.received.v1',
  schema: emailReceivedSchema,
  key: ({ email }) => within(email.owner, email.email_id),
});
const crmChanged = defineTopic<CrmChanged>({
  ...data,
  name: 'crm.changed.v1',
  schema: crmChangedSchema,
  key: change => within(change.owner, change.change_id),
});
const eventReceived = defineTopic<EventReceived>({
  ...data,
  name: 'event.received.v1',
  schema: eventReceivedSchema,
  key: event => within(event.owner, event.event_id),
});

/** The first arrival of each record. */
const emailAccepted = defineTopic<EmailReceived>({ ...emailReceived, name: 'email.accepted.v1' });
const crmAccepted = defineTopic<CrmChanged>({ ...crmChanged, name: 'crm.accepted.v1' });
const eventAccepted = defineTopic<EventReceived>({ ...eventReceived, name: 'event.accepted.v1' });

const emailEnriched = defineTopic<EmailEnriched>({
  ...data,
  name: 'email.enriched.v1',
  schema: emailEnrichedSchema,
  key: ({ email }) => within(email.owner, email.email_id),
});
const delivery = defineTopic<Delivery>({
  ...data,
  name: 'email.delivered.v1',
  schema: deliverySchema,
  key: row => within(row.owner, row.email_id),
});

/** Keyed by person: one task holds a customer's whole profile. */
const interaction = defineTopic<Interaction>({
  ...data,
  name: 'interaction.v1',
  schema: interactionSchema,
  key: row => within(row.owner, row.person_id || row.interaction_id),
});
/** Compacted to the latest profile, but only after a week: the score's history is read from it too. */
const customerUpdated = defineTopic<Customer>({
  name: 'customer.updated.v1',
  schema: customerSchema,
  partitions: data.partitions,
  compact_after_ms: 7 * day_ms,
  key: customer => within(customer.owner, customer.person_id),
});

/** Keyed by Message-ID: one task knows in which thread a mail is, and which others hang on it. */
const threadLink = defineTopic<ThreadLink>({
  ...data,
  name: 'thread.link.v1',
  schema: threadLinkSchema,
  key: row => within(row.owner, row.message_id),
});
/** Keyed by thread: one task holds the whole conversation. */
const threadMessage = defineTopic<ThreadMessage>({
  ...data,
  name: 'thread.message.v1',
  schema: threadMessageSchema,
  key: ({ mail, thread_id }) => within(mail.owner, thread_id),
});
const conversationUpdated = defineTopic<Conversation>({
  name: 'conversation.updated.v1',
  schema: conversationSchema,
  partitions: data.partitions,
  compact_after_ms: day_ms,
  key: row => within(row.owner, row.conversation_id),
});
/** What outcomes teach, in one order for each organisation: a model of it can be learned again, version by version, while it is kept. */
const leadExample = defineTopic<LeadExample>({
  name: 'lead.example.v1',
  schema: leadExampleSchema,
  partitions: 1,
  retention_ms: 365 * day_ms,
  key: ({ organization_id }) => organization_id,
});
/** A broadcast table of the newest version; each one is in ClickHouse. */
const leadModel = defineTopic<LeadModel>({
  name: 'lead.model.v1',
  schema: leadModelSchema,
  partitions: 1,
  compact_after_ms: day_ms,
  key: ({ organization_id }) => organization_id,
});

/** Keyed by what the windows are grouped by. Each tick goes to every partition, behind all it vouches for. */
const measurement = defineTopic<Measurement>({
  ...data,
  retention_ms: day_ms,
  name: 'measurement.v1',
  schema: measurementSchema,
  key: ({ owner, category }) => groupOf(owner, category),
});
const metricWindow = defineTopic<MetricWindow>({
  ...data,
  name: 'metric.window.v1',
  schema: metricWindowSchema,
  key: ({ owner, category }) => groupOf(owner, category),
});

const duplicate = defineTopic<Duplicate>({
  ...data,
  name: 'record.duplicate.v1',
  schema: duplicateSchema,
  key: row => within(row.owner, row.record_id),
});
const deadLetter = defineTopic<DeadLetter>({
  name: 'dead.letter.v1',
  schema: deadLetterSchema,
  partitions: 1,
  retention_ms: 30 * day_ms,
  key: letter => letter.dead_letter_id,
});

/** Equally spread: whoever reads a partition of the sources has their positions beside it. */
const sourcePosition = defineTopic<SourcePosition>({
  name: 'source.position.v1',
  schema: sourcePositionSchema,
  partitions: data.partitions,
  compact_after_ms: 0,
  key: row => `${row.organization_id}/${row.source}`,
});
/** Control state: which sources exist. */
const source = defineTopic<Source>({
  name: 'control.source.v1',
  schema: sourceSchema,
  partitions: data.partitions,
  compact_after_ms: 0,
  key: row => within(row.owner, row.source),
});
/** Control state: which dead letters were replayed. Read whole at the start of ingestion, and kept for good. */
const replay = defineTopic<Replay>({
  name: 'control.replay.v1',
  schema: replaySchema,
  partitions: 1,
  compact_after_ms: 0,
  key: row => within(row.owner, row.dead_letter_id),
});

/**
 * What the models learn from, keyed by what learns: each model has one history in each organisation, importance one in each
 * mailbox.
 */
const feedback = defineTopic<Feedback>({
  name: 'feedback.v1',
  schema: feedbackSchema,
  partitions: 1,
  retention_ms: 30 * day_ms,
  key: ({ owner, model }) => learntKey(owner.organization_id, model, model === 'importance' ? owner.mailbox : ''),
});

/** Keyed by the Message-ID of the mail that was answered, so that it meets its answers. */
const mailAct = defineTopic<MailAct>({
  ...data,
  name: 'mail.act.v1',
  schema: mailActSchema,
  key: row => within(row.owner, row.message_id),
});
/** Beside the feedback, under the same keys: what was done with a mail says whether it was important. */
const importanceExample = defineTopic<ImportanceExample>({
  ...feedback,
  name: 'importance.example.v1',
  schema: importanceExampleSchema,
  key: ({ organization_id, mailbox }) => learntKey(organization_id, 'importance', mailbox),
});

/** What came of it, whole under the same key: a table that the enrichment has. */
const learnt = defineTopic<Learnt>({
  name: 'learnt.v1',
  schema: learntSchema,
  partitions: 1,
  compact_after_ms: 0,
  key: ({ organization_id, mailbox, model }) => learntKey(organization_id, model, mailbox),
});

/** Control state: who signs in, with which keys and sessions. One writer at a time, which fences the one before (query-api/identity/). */
const control = { partitions: 1, compact_after_ms: 0 } as const;
const user = defineTopic<User>({
  ...control,
  name: 'control.user.v1',
  schema: userSchema,
  key: ({ user_id }) => user_id,
});
const apiKey = defineTopic<ApiKey>({
  ...control,
  name: 'control.key.v1',
  schema: apiKeySchema,
  key: ({ key_id }) => key_id,
});
const session = defineTopic<Session>({
  ...control,
  name: 'control.session.v1',
  schema: sessionSchema,
  key: ({ session_id }) => session_id,
});
/** Control state by the same writer: what was saved to be asked again, and by which links it is read (query-api/questions/). */
const question = defineTopic<Question>({
  ...control,
  name: 'control.question.v1',
  schema: questionSchema,
  key: ({ question_id }) => question_id,
});
const share = defineTopic<Share>({
  ...control,
  name: 'control.share.v1',
  schema: shareSchema,
  key: ({ share_id }) => share_id,
});
/** Who did what. Kept for a month beside the table that it lands in. */
const auditEvent = defineTopic<AuditEvent>({
  name: 'audit.event.v1',
  schema: auditEventSchema,
  partitions: 1,
  retention_ms: 30 * day_ms,
  key: ({ organization_id, event_id }) => `${organization_id}/${event_id}`,
});

export const topics = {
  emailReceived,
  crmChanged,
  eventReceived,
  emailAccepted,
  crmAccepted,
  eventAccepted,
  emailEnriched,
  delivery,
  interaction,
  customerUpdated,
  threadLink,
  threadMessage,
  conversationUpdated,
  leadExample,
  leadModel,
  measurement,
  metricWindow,
  duplicate,
  deadLetter,
  sourcePosition,
  source,
  replay,
  user,
  apiKey,
  session,
  question,
  share,
  auditEvent,
  feedback,
  mailAct,
  importanceExample,
  learnt,
} as const;

// The cast: a list of topics of different records has no record type of its own.
export const allTopics = Object.values(topics) as unknown as readonly Topic<unknown>[];
