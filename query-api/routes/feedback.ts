/** What somebody says that the models should have said of a mail: they learn from it. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { json, Problem } from '../../lib/http.ts';
import type { TopicWriter } from '../../lib/topic-writer.ts';
import type { Email, Feedback } from '../../schemas/generated.ts';
import { categories, type LearningModel } from '../../schemas/labels.ts';
import type { Caller } from '../auth/access.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import { emailRecord } from '../queries/emails.ts';

export interface FeedbackRoutes {
  readonly clickhouse: ClickHouse;
  readonly writer: Pick<TopicWriter<Feedback>, 'write'>;
}

const said = z
  .strictObject({
    sentiment: z.enum(['negative', 'neutral', 'positive']).optional(),
    category: z.enum(categories).optional(),
    spam: z.boolean().optional(),
    asks: z.boolean().optional().describe('Whether it asks its reader for something'),
    important: z.boolean().optional().describe('Whether it deserves to be read soon, in its mailbox'),
  })
  .refine(labels => Object.values(labels).some(label => label !== undefined), { error: 'at least one label' })
  .meta({ id: 'EmailFeedback' });

const taken = z
  .object({
    email_id: z.string(),
    feedback: z.array(z.object({ feedback_id: z.string(), model: z.string(), label: z.string() })),
  })
  .meta({ id: 'FeedbackTaken' });

export function feedbackRoutes({ clickhouse, writer }: FeedbackRoutes): DescribedRoute[] {
  return [
    describe({
      method: 'POST',
      path: '/api/emails/:id/feedback',
      access: 'write_own',
      tag: 'Mails',
      summary: 'Say what the models should have said of a mail; they learn from it within seconds',
      body: said,
      answers: { 202: { description: 'Durable, and on its way to the models', schema: taken } },
      problems: [503],
      audited: 'email.feedback',
      async handle({ request, body, caller }) {
        const email = await readable(request.parameters.id ?? '', caller, clickhouse);
        const given = labelsOf(body).map(([model, label]) => feedbackOf(email, model, label, caller.subject));
        await Promise.all(given.map(one => writer.write(one))).catch(() => {
          throw new Problem(503, 'Kafka does not take it right now; say it again');
        });
        const feedback = given.map(({ feedback_id, model, label }) => ({ feedback_id, model, label }));
        return json(202, { email_id: email.email_id, feedback });
      },
    }),
  ];
}

/** Throws Problem 404, and 403 where he sees the mail and not its words: the models would tell them by what they learnt. */
async function readable(email_id: string, caller: Caller, clickhouse: ClickHouse): Promise<Email> {
  const [seen, email] = await Promise.all([
    caller.tables().then(tables => emailRecord(tables, email_id)),
    emailRecord(clickhouse, email_id),
  ]);
  if (seen === null || email === null) throw new Problem(404, 'there is no such mail');
  if (seen.text !== email.text) throw new Problem(403, 'its words are not shown to you');
  return email;
}

function labelsOf({ important, spam, asks, ...named }: z.output<typeof said>): [LearningModel, string][] {
  const yesOrNo = { spam, asks, importance: important };
  const all = [
    ...Object.entries(named),
    ...Object.entries(yesOrNo).map(([model, is]) => [model, is === undefined ? undefined : is ? 'yes' : 'no']),
  ];
  // The cast: the names of the members are those of the models.
  return all.filter(([, label]) => label !== undefined) as [LearningModel, string][];
}

function feedbackOf(email: Email, model: LearningModel, label: string, said_by: string): Feedback {
  const at_ms = Date.now();
  const lineage = {
    source: 'feedback',
    sequence: 0,
    origin: 'live' as const,
    ingested_at_ms: at_ms,
    hops: [],
    traceparent: null,
  };
  return { feedback_id: randomUUID(), owner: email.owner, email, model, label, said_by, said_at_ms: at_ms, lineage };
}
