import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { from, lineage, origin, owner, place, same } from './columns.ts';
import { correspondent, unlessErased } from './erasure.ts';

/** One row a message, as enriched. */
export const messages = defineSink({
  name: 'messages',
  input: topics.emailEnriched,
  table: 'messages',
  columns: {
    ...owner('email.owner'),
    ...from('email', 'email_id', 'message_id', 'thread_id', 'in_reply_to', 'references', 'subject', 'headers'),
    ...from('email', 'attachments', 'original_sha256', 'original_size_bytes'),
    sender: 'email.`from`.address',
    sender_name: 'email.`from`.name',
    recipients: 'arrayMap(a -> a.address, email.`to`)',
    cc: 'arrayMap(a -> a.address, email.cc)',
    sent_at: 'email.sent_at_ms',
    received_at: 'email.received_at_ms',
    content: 'email.text',
    quoted: 'email.quoted_text',
    ...same('direction', 'sentiment', 'sentiment_score', 'sentiment_confidence', 'category', 'category_scores'),
    ...same('importance', 'importance_reasons', 'asks', 'spam', 'language', 'automatic', 'unsubscribes'),
    ...same('summary', 'entities', 'signature', 'models'),
    ...lineage,
    ...origin,
    ...place,
  },
  tail: unlessErased('email.owner.organization_id', correspondent),
});
