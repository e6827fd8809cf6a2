import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { lineage, owner, place, same } from './columns.ts';

/** One row for each record that could not be processed. */
export const deadLetters = defineSink({
  name: 'dead_letters',
  input: topics.deadLetter,
  table: 'dead_letters',
  columns: {
    ...owner('owner'),
    ...same('dead_letter_id', 'stage', 'cause', 'message', 'original_sha256', 'original_size_bytes'),
    ...same('topic', 'partition', 'offset', 'original_key'),
    failed_at: 'failed_at_ms',
    ...lineage,
    ...place,
  },
});
