/** Says what a mail is about: direction, sentiment, category, importance and why. */
import { defineEnrichment } from '../lib/enrichment.ts';
import { defineProcessor, type Processor } from '../lib/processor.ts';
import { type Consulted, consultedSchema, type EmailEnriched, type EmailReceived } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import type { Consultant } from './bigger/consultant.ts';
import { correctionsFor } from './learning/corrections.ts';
import { type Organisation, enrichMail as understandMail } from './mail/index.ts';

export const enrich_mail = 'enrich-mail';
const version = 3;
const tables = { learnt: topics.learnt };

/** What a bigger model said of a mail is kept for so long, well past the time that a replay can reach back. */
const kept_ms = 30 * 24 * 60 * 60 * 1000;

/**
 * `understand` is the models' work, or the same with a meter around it. With a consultant the stage is the same one, its group and
 * offsets too; it asks him before each step, and keeps what he said.
 */
export function enrichMail(
  ours: Organisation,
  understand = understandMail,
  consultant: Omit<Consultant, 'close'> | null = null,
): Processor {
  if (consultant) return consulting(ours, understand, consultant);
  return defineProcessor({
    name: enrich_mail,
    version,
    inputs: { mail: topics.emailAccepted },
    tables,
    outputs: { enriched: topics.emailEnriched },
    on: {
      mail({ email }, _, { tables }) {
        const corrections = correctionsFor(tables.learnt, email.owner);
        return { emit: { enriched: { email, ...understand(email, ours, { corrections }) } } };
      },
    },
  });
}

function consulting(
  ours: Organisation,
  understand: typeof understandMail,
  { in_flight_max, timeout_ms, ask, failed }: Omit<Consultant, 'close'>,
): Processor {
  return defineEnrichment<EmailReceived, Consulted, EmailEnriched, typeof tables>({
    name: enrich_mail,
    version,
    input: topics.emailAccepted,
    output: topics.emailEnriched,
    tables,
    answer: consultedSchema,
    kept_ms,
    in_flight_max,
    timeout_ms,
    ask,
    failed: (_, error) => failed(error),
    emit({ email }, consulted, context) {
      const corrections = correctionsFor(context.tables.learnt, email.owner);
      return { email, ...understand(email, ours, { corrections, consulted }) };
    },
  });
}

/** For who needs to know what the stage reads, writes and keeps, and never runs it. */
export const unasked: Omit<Consultant, 'close'> = {
  in_flight_max: 1,
  timeout_ms: 1,
  ask: async () => unasked.failed(null),
  failed: () => ({ sentiment: null, category: null, summary: null }),
};
