import { expect, it } from 'vitest';
import type { LetterDetails } from '../queries/dead-letters.ts';
import { reasonToWithhold } from './replays.ts';

const subscriptions = [
  { group_id: 'millrace.timeline', topics: ['email.enriched.v1'] },
  { group_id: 'millrace.sink', topics: ['email.enriched.v1', 'interaction.v1'] },
];
const letter = (topic: string | null, ...stages: string[]): LetterDetails => ({
  ...{ organization_id: '', mailbox: '', owner_id: '', team_id: '', dead_letter_id: 't/0/1', source: '', cause: '' },
  ...{ original_sha256: '', original_size_bytes: 0, stage: stages[0] as string, stages, topic },
});

it.each([
  ['from outside', letter(null, 'ndjson')],
  ['that every reader of its topic refused', letter('email.enriched.v1', 'timeline', 'sink')],
  ['of a topic with one reader', letter('interaction.v1', 'sink')],
])('hands on a letter %s', (_, given) => {
  expect(reasonToWithhold(given, subscriptions)).toBeNull();
});

it('withholds one that another stage may have taken', () => {
  expect(reasonToWithhold(letter('email.enriched.v1', 'sink'), subscriptions)).toMatchObject({
    dead_letter_id: 't/0/1',
    status: 'refused',
    message: 'timeline did not refuse it and would have it twice',
  });
});
