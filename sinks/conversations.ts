import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { owner, same } from './columns.ts';
import { unlessErased } from './erasure.ts';

/** The newest version of each conversation. */
export const conversations = defineSink({
  name: 'conversations',
  input: topics.conversationUpdated,
  table: 'conversation_versions',
  replacing: true,
  columns: {
    ...owner('owner'),
    ...same('conversation_id', 'subject', 'customer', 'category', 'participants'),
    ...same('mails_in', 'mails_out', 'mails_internal', 'mails_automatic'),
    first_at: 'first_at_ms',
    last_at: 'last_at_ms',
    last_in_at: 'last_in_at_ms',
    last_out_at: 'last_out_at_ms',
    last_waiting: 'waiting',
    last_waiting_since: 'waiting_since_ms',
    waiting_email_id: 'waiting_email_id',
    asked_at: 'asked_at_ms',
    first_response_at: 'first_response_at_ms',
    ...same('first_response_seconds', 'first_response_business_seconds', 'sla_target_minutes'),
    sla_due_at: 'sla_due_at_ms',
    answered_at: 'answered_at_ms',
    resolves_at: 'resolves_at_ms',
    until_answer_seconds: 'resolution_seconds',
    until_answer_business_seconds: 'resolution_business_seconds',
    ...same('reopened', 'sentiment_score', 'importance', 'email_ids', 'version'),
    updated_at: 'updated_at_ms',
  },
  tail: unlessErased('owner.organization_id', 'customer'),
});
