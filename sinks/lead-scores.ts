import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { lineage, owner, place, same } from './columns.ts';
import { unlessErased } from './erasure.ts';

/** Every score a lead ever had, with its reasons. */
export const leadScores = defineSink({
  name: 'lead_scores',
  input: topics.customerUpdated,
  table: 'lead_scores',
  columns: {
    ...owner('owner'),
    ...same(
      'person_id',
      'score',
      'grade',
      'fit',
      'engagement',
      'fit_log_odds',
      'engagement_log_odds',
      'log_odds',
      'bias',
    ),
    ...same('confidence', 'reasons', 'stage', 'outcome', 'model_version', 'version', 'caused_by'),
    scored_at: 'updated_at_ms',
    decayed_to: 'decayed_to_ms',
    ...lineage,
    ...place,
  },
  tail: unlessErased('owner.organization_id', 'person_id'),
});
