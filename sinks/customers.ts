import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { owner, same } from './columns.ts';
import { unlessErased } from './erasure.ts';

/** The newest version of each customer. */
export const customers = defineSink({
  name: 'customers',
  input: topics.customerUpdated,
  table: 'customer_versions',
  replacing: true,
  columns: {
    ...owner('owner'),
    ...same('person_id', 'name', 'account', 'title', 'phone', 'signed_name', 'signed_company'),
    first_seen_at: 'first_seen_ms',
    last_seen_at: 'last_seen_ms',
    ...same('mails_in', 'mails_out', 'crm_changes', 'events', 'sentiment_mean', 'stage', 'amount', 'outcome'),
    ...same('score', 'grade', 'fit', 'engagement', 'fit_log_odds', 'engagement_log_odds', 'log_odds', 'bias'),
    ...same('confidence', 'reasons', 'model_version', 'version'),
    updated_at: 'updated_at_ms',
    decayed_to: 'decayed_to_ms',
  },
  tail: unlessErased('owner.organization_id', 'person_id'),
});
