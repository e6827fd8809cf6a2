/** The feeds: which topic each follows, and the rows it tells. A topic may be followed by several. */
import type { Topic } from '../../lib/topic.ts';
import type { Owner } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import { conversationRow } from '../conversation-row.ts';
import { body_columns } from '../permission/sight.ts';
import { customerRow, deadLetterRow, duplicateRow, emailRow, interactionRow, leadRow, metricRow } from '../rows.ts';
import { Told } from './told.ts';

export const feedNames = [
  'emails',
  'customers',
  'leads',
  'interactions',
  'conversations',
  'dead_letters',
  'duplicates',
  'metrics',
] as const;
export type FeedName = (typeof feedNames)[number];

export type Row = Readonly<Record<string, unknown>>;

export interface Feed {
  readonly topic: string;
  /** Of a decoded record; `at_ms` is the record's own time. */
  told(record: unknown, at_ms: number): Told;
  /** What a filter may name. */
  readonly fields: readonly string[];
}

const owner_fields = ['organization_id', 'mailbox'];

// The cast: a topic's records are of its own type, and the reader does not know which topic it reads.
function feed<T>(
  topic: Topic<T>,
  row: (record: T, at_ms: number) => object,
  fields: readonly string[],
  ownerOf: (record: T) => Owner = record => (record as { owner: Owner }).owner,
): Feed {
  return {
    topic: topic.name,
    told: (record, at_ms) => toldOf(row(record as T, at_ms) as Row, ownerOf(record as T)),
    fields,
  };
}

const toldOf = (row: Row, owner: Owner): Told =>
  new Told(
    row,
    owner,
    body_columns.filter(field => field in row),
  );

export const feeds: Readonly<Record<FeedName, Feed>> = {
  emails: feed(
    topics.emailEnriched,
    emailRow,
    [
      ...[...owner_fields, 'id', 'email_id', 'message_id', 'thread_id', 'sender', 'recipients'],
      ...['direction', 'sentiment', 'category', 'importance'],
    ],
    ({ email }) => email.owner,
  ),
  customers: feed(topics.customerUpdated, customerRow, [
    ...['id', 'person_id', 'organization_id', 'account', 'grade', 'score', 'stage', 'outcome', 'model_version'],
  ]),
  leads: feed(topics.customerUpdated, leadRow, [
    ...[...owner_fields, 'id', 'person_id', 'team_id', 'owner_id'],
    ...['grade', 'score', 'stage', 'outcome', 'model_version'],
  ]),
  interactions: feed(topics.interaction, interactionRow, [
    ...owner_fields,
    ...['id', 'interaction_id', 'person_id', 'account', 'kind', 'name', 'record_id', 'category', 'stage', 'outcome'],
  ]),
  conversations: feed(topics.conversationUpdated, conversationRow, [
    ...[...owner_fields, 'id', 'conversation_id', 'owner_id', 'team_id', 'customer', 'category'],
    ...['waiting', 'sla_breached', 'resolved'],
  ]),
  dead_letters: feed(topics.deadLetter, deadLetterRow, [
    ...owner_fields,
    ...['id', 'dead_letter_id', 'stage', 'cause', 'topic', 'source', 'original_sha256'],
  ]),
  duplicates: feed(topics.duplicate, duplicateRow, [
    ...owner_fields,
    'id',
    'record_id',
    'kind',
    'first_source',
    'source',
  ]),
  metrics: feed(topics.metricWindow, metricRow, [
    ...owner_fields,
    'id',
    'team_id',
    'owner_id',
    'category',
    'corrected',
  ]),
};

/** Topics that the feeds follow, each once. */
export const feedTopics = [
  topics.emailEnriched,
  topics.customerUpdated,
  topics.interaction,
  topics.conversationUpdated,
  topics.deadLetter,
  topics.duplicate,
  topics.metricWindow,
] as unknown as readonly Topic<unknown>[];
