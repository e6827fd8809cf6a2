/** The table of what was learnt is of a fixed size in every enrichment (lib/table.ts), and one that is full ends them all for good. */
import { table_limits } from '../../lib/table.ts';
import type { Learnt } from '../../schemas/generated.ts';
import { learntKey } from '../../schemas/topics.ts';

/** The rest is for versions that were written since the table was read last. */
const filled_max = 0.85;
/** Of a record beside its names and its correction, lineage and all. */
const record_bytes = 600;
/** A hash of 20 bits, zigzag. */
const feature_bytes = 3;
const weight_bytes = 4;
/** Of a name's character, in the record and in its key. */
const character_bytes = 4;

type Version = Pick<Learnt, 'organization_id' | 'mailbox' | 'model' | 'correction'>;

/** Whether the version has room beside those of other models, organisations and mailboxes. */
export function hasRoom(learnt: ReadonlyMap<string, Learnt>, version: Version): boolean {
  const own = learntKey(version.organization_id, version.model, version.mailbox);
  let bytes = bytesOf(version);
  for (const [key, other] of learnt) if (key !== own) bytes += bytesOf(other);
  return bytes <= filled_max * table_limits.bytes_max;
}

/** No less than it takes. */
function bytesOf({ organization_id, mailbox, correction }: Version): number {
  const { features, weights, mixing, bias } = correction;
  return (
    record_bytes +
    character_bytes * (organization_id.length + mailbox.length) +
    feature_bytes * features.length +
    weight_bytes * (weights.length + mixing.length + bias.length)
  );
}
