/** Every topic there is: those of the contracts, the state of the processors, the plans of the sinks. */
import type { Config } from '../config.ts';
import { sinkPlanTopic } from '../lib/sink-runtime.ts';
import type { Topic } from '../lib/topic.ts';
import { unasked } from '../processors/enrich-mail.ts';
import { processors } from '../processors/index.ts';
import { allTopics } from '../schemas/topics.ts';

/** With bigger models there is one more state, of what they said. */
export function everyTopic({ models }: Pick<Config, 'models'>): Topic<never>[] {
  const stages = processors({ domains: [], addresses: [] }, { consultant: models ? unasked : null });
  const changelogs = stages.flatMap(({ changelog }) => (changelog ? [changelog] : []));
  return [...allTopics, ...changelogs, sinkPlanTopic] as unknown as Topic<never>[];
}
