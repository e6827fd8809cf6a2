/** Every topic there is: those of the contracts, the state of the processors, the plans of the sinks. */
import { sinkPlanTopic } from '../lib/sink-runtime.ts';
import type { Topic } from '../lib/topic.ts';
import { processors } from '../processors/index.ts';
import { allTopics } from '../schemas/topics.ts';

export function everyTopic(): Topic<never>[] {
  const changelogs = processors({ domains: [], addresses: [] }).flatMap(({ changelog }) =>
    changelog ? [changelog] : [],
  );
  return [...allTopics, ...changelogs, sinkPlanTopic] as unknown as Topic<never>[];
}
