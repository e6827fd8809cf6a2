import { describe, expect, it } from 'vitest';
import type { Interaction, Measurement, Profile } from '../../schemas/generated.ts';
import { customer } from '../customer.ts';
import { interaction, lineage, noon_ms } from '../test-records.ts';
import { answeredBy, waiting_max, waitingAfter } from './waiting.ts';

const asks = (given: Partial<Interaction> = {}): Interaction =>
  interaction({ kind: 'mail_in', thread_id: 't1', category: 'support', ...given });
const answers = (given: Partial<Interaction> = {}): Interaction =>
  interaction({ kind: 'mail_out', thread_id: 't1', occurred_at_ms: noon_ms + 90_000, ...given });

describe('a thread', () => {
  it('waits from the first unanswered mail until ours goes out', () => {
    const once = waitingAfter([], asks());
    const twice = waitingAfter(once, asks({ occurred_at_ms: noon_ms + 1 }));
    expect(twice).toEqual([{ thread_id: 't1', since_ms: noon_ms, category: 'support' }]);
    expect(waitingAfter(twice, answers())).toEqual([]);
    expect(answeredBy(twice, answers())).toEqual(twice[0]);
  });

  it.each([
    ['a mail in another thread', answers({ thread_id: 't2' })],
    ['a mail that went out before', answers({ occurred_at_ms: noon_ms - 1 })],
    ['an automatic answer', answers({ automatic: true })],
    ['an event', interaction({ kind: 'event', thread_id: 't1' })],
  ])('is not answered by %s', (_, other) => {
    const waiting = waitingAfter([], asks());
    expect(answeredBy(waiting, other)).toBeNull();
    expect(waitingAfter(waiting, other)).toEqual(waiting);
  });

  it('does not wait for an answer to a machine', () => {
    expect(waitingAfter([], asks({ automatic: true }))).toEqual([]);
  });

  it.each(['newsletter', 'notification', 'spam'])('does not wait for an answer to %s', category => {
    expect(waitingAfter([], asks({ category }))).toEqual([]);
  });

  it('is forgotten when too many newer ones wait', () => {
    let waiting = waitingAfter([], asks());
    for (let at = 0; at < waiting_max; at++) waiting = waitingAfter(waiting, asks({ thread_id: `other${at}` }));
    expect(waiting).toHaveLength(waiting_max);
    expect(waiting.some(one => one.thread_id === 't1')).toBe(false);
  });
});

describe('what the metrics count', () => {
  const counted = (...given: Interaction[]) => {
    let state: Profile | null = null;
    let measured: Measurement[] = [];
    for (const one of given) {
      const result = customer.definition.on.interaction!(one, state, { at_ms: 0, tables: { model: new Map() } });
      state = result.state as Profile;
      measured = (result.emit as { measurement: Measurement[] }).measurement;
    }
    return measured;
  };

  it('is how long the customer waited, in the category of the question', () => {
    expect(counted(asks(), answers()).filter(one => one.measure === 'response')).toEqual([
      expect.objectContaining({ value: 90, category: 'support', at_ms: noon_ms + 90_000 }),
    ]);
  });

  it('is a lead that rises, when it is learnt of', () => {
    const learnt_ms = noon_ms + 86_400_000;
    const won = interaction({
      kind: 'crm',
      name: 'deal',
      stage: 'won',
      outcome: 'won',
      lineage: { ...lineage, ingested_at_ms: learnt_ms },
    });
    expect(counted(asks(), won)).toEqual([
      expect.objectContaining({ measure: 'lead_up', value: 1, category: '', at_ms: learnt_ms }),
    ]);
  });

  it('is nothing of history', () => {
    const history = { lineage: { ...lineage, origin: 'backfill' as const } };
    expect(counted(asks(history), answers(history))).toEqual([]);
  });
});
