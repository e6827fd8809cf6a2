import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { owner, place, same } from './columns.ts';

/** One row for each dead letter that was replayed. */
export const replays = defineSink({
  name: 'replays',
  input: topics.replay,
  table: 'replays',
  columns: {
    ...owner('owner'),
    ...same('dead_letter_id', 'original_sha256', 'replayed_sha256', 'replay_organization_id', 'replay_sequence'),
    replayed_at: 'replayed_at_ms',
    ...place,
  },
});
