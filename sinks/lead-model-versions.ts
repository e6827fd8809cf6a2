import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { same } from './columns.ts';

/** Each version of what outcomes have taught, with the weights that it changed: those of a version are the newest of each feature up to it. */
export const leadModelVersions = defineSink({
  name: 'lead_model_versions',
  input: topics.leadModel,
  table: 'lead_model_versions',
  replacing: true,
  columns: {
    ...same('organization_id', 'version', 'won', 'touched'),
    weights: 'length(weights)',
    ...same('measured', 'log_loss', 'rules_log_loss', 'brier', 'predicted', 'actual'),
    learned_at: 'learned_at_ms',
  },
});
