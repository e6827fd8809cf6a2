import { defineSink, type Sink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { lineage } from './columns.ts';
import { anyoneErased, correspondent, onlyErased } from './erasure.ts';

/** The numbers of what `messages` and `interactions` leave out because it is of erased persons. */
export const erasedRecords: readonly Sink[] = [
  defineSink({
    name: 'erased_mails',
    input: topics.emailEnriched,
    table: 'erased_records',
    replacing: true,
    needed: anyoneErased,
    columns: { organization_id: 'email.owner.organization_id', ...lineage },
    tail: onlyErased('email.owner.organization_id', correspondent),
  }),
  defineSink({
    name: 'erased_interactions',
    input: topics.interaction,
    table: 'erased_records',
    replacing: true,
    needed: anyoneErased,
    columns: { organization_id: 'owner.organization_id', ...lineage },
    tail: `${onlyErased('owner.organization_id', 'person_id')} AND kind IN ('crm', 'event')`,
  }),
];
