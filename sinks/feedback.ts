import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { from, owner, place, same } from './columns.ts';
import { unlessErased } from './erasure.ts';

/** One row for each label that somebody gave a mail; its words stay in `messages`. */
export const feedback = defineSink({
  name: 'feedback',
  input: topics.feedback,
  table: 'feedback',
  columns: {
    ...owner('owner'),
    ...same('feedback_id', 'model', 'label', 'said_by'),
    ...from('email', 'email_id'),
    said_at: 'said_at_ms',
    ...place,
  },
  tail: unlessErased('owner.organization_id', 'email.`from`.address'),
});
