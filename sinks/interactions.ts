import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { lineage, origin, owner, place, same } from './columns.ts';
import { unlessErased } from './erasure.ts';

/** One row of a customer's timeline, of any kind. */
export const interactions = defineSink({
  name: 'interactions',
  input: topics.interaction,
  table: 'interactions',
  columns: {
    ...owner('owner'),
    ...same(
      'interaction_id',
      'person_id',
      'person_name',
      'account',
      'title',
      'phone',
      'signed_name',
      'signed_company',
      'kind',
      'name',
      'record_id',
      'thread_id',
    ),
    occurred_at: 'occurred_at_ms',
    ...same('sentiment_score', 'importance', 'category', 'stage', 'amount', 'outcome', 'data'),
    ...lineage,
    ...origin,
    ...place,
  },
  tail: unlessErased('owner.organization_id', 'person_id'),
});
