/** A record that could not be read from its topic: its Avro bytes, if they can be by now, or the JSON it was mended into. */
import { MillraceError, messageOf } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import type { Lineage } from '../../lib/lineage.ts';
import { type Registry, type Serde, serdeOf } from '../../lib/registry.ts';
import type { Topic } from '../../lib/topic.ts';
import { ownerOf } from '../../schemas/dead-letter.ts';
import { topics } from '../../schemas/topics.ts';
import { anyTopic, type Reread, refused } from './letter.ts';

/** Those whose records end as something that is counted; the others are made anew from these. */
const replayable: readonly Topic<unknown>[] = [
  anyTopic(topics.emailReceived),
  anyTopic(topics.crmChanged),
  anyTopic(topics.eventReceived),
  anyTopic(topics.emailAccepted),
  anyTopic(topics.crmAccepted),
  anyTopic(topics.eventAccepted),
  anyTopic(topics.emailEnriched),
  anyTopic(topics.interaction),
];

const brace = 0x7b;
const organization = /^[\w.-]{1,64}$/;
const no_lineage: Lineage = {
  source: '',
  sequence: 0,
  origin: 'backfill',
  ingested_at_ms: 0,
  hops: [],
  traceparent: null,
};

export function createRecordReader(registry: Registry): (topic: string, bytes: Buffer) => Promise<Reread> {
  const serdes = new Map<string, Serde<unknown>>();

  function serdeFor(topic: Topic<unknown>): Serde<unknown> {
    const serde = serdes.get(topic.name) ?? serdeOf(registry, topic);
    serdes.set(topic.name, serde);
    return serde;
  }

  return async (name, bytes) => {
    const topic = replayable.find(one => one.name === name);
    if (!topic) {
      const message = `records of ${name} do not end as anything that is counted: they are made from others, and made again`;
      return refused('not-replayable', message);
    }
    try {
      // Avro's bytes begin with a zero.
      const record = bytes[0] === brace ? fromJson(topic, bytes) : await serdeFor(topic).deserialize(bytes);
      return recordIn(topic, record as object);
    } catch (error) {
      if (!(error instanceof MillraceError && error.code.startsWith('avro.'))) throw error;
      return refused(error.code, error.message);
    }
  };
}

/** Throws MillraceError `avro.json`. */
function fromJson(topic: Topic<unknown>, bytes: Buffer): unknown {
  const parsed = parseJson(bytes.toString('utf8'));
  if ('error' in parsed) throw new MillraceError('avro.json', parsed.error);
  try {
    return topic.codec.decode(topic.codec.encode({ ...(parsed.value as object), lineage: no_lineage }));
  } catch (error) {
    throw new MillraceError('avro.json', `it is no ${topic.schema.name}: ${messageOf(error)}`);
  }
}

function recordIn(topic: Topic<unknown>, record: object): Reread {
  const { lineage: _, ...draft } = record as { lineage?: unknown; kind?: string };
  const { organization_id } = ownerOf(draft);
  if (!organization.test(organization_id)) return refused('owner', 'the record names no organisation');
  if (topic.name === topics.interaction.name && draft.kind?.startsWith('mail_')) {
    return refused('not-replayable', 'the interaction of a mail is made from the mail, and made again');
  }
  return { topic, draft, organization_id, form: JSON.stringify(draft, null, 2) };
}
