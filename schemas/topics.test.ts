import { describe, expect, it } from 'vitest';
import { topicSettings } from '../lib/topic.ts';
import { allTopics, topics } from './topics.ts';

describe('topics', () => {
  it('have distinct names that carry a version', () => {
    const names = allTopics.map(topic => topic.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z.]+\.v\d+$/);
  });

  it('are keyed within their organisation', () => {
    const owner = { organization_id: 'acme', mailbox: '', owner_id: '', team_id: '' };
    expect(topics.interaction.key({ owner, person_id: 'a@b', interaction_id: 'i' } as never)).toBe('acme/a@b');
    expect(topics.interaction.key({ owner, person_id: '', interaction_id: 'i' } as never)).toBe('acme/i');
  });

  it('keep state by compaction and data by time', () => {
    expect(topicSettings(topics.sourcePosition as never)['cleanup.policy']).toBe('compact');
    expect(topicSettings(topics.emailReceived as never)['retention.ms']).toBe(String(7 * 24 * 60 * 60 * 1000));
  });
});
