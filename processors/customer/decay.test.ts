import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../lib/random.ts';
import { drive } from '../../lib/test-driver.ts';
import type { Interaction, LeadModel, Measurement, Profile } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import { customer as processor } from '../customer.ts';
import { day_ms, interaction, lineage, noon_ms, profileAfter } from '../test-records.ts';
import { tick } from '../tick.ts';
import { decayed, firstLook, points_min, quiet_ms, silences_ms } from './decay.ts';
import { leadFeatures } from './lead-features.ts';
import { score } from './score.ts';

const asked = { kind: 'mail_in', category: 'sales', sentiment_score: 0.4 } as const;
const trial = { kind: 'event', name: 'trial_started' } as const;
const warm = (): Profile =>
  profileAfter(asked, { kind: 'mail_out' }, asked, trial, { kind: 'event', name: 'purchased' });
const year_ms = 365 * day_ms;

/** Every profile that is told, asked at these times one after the other. */
function toldAt(profile: Profile, times_ms: readonly number[], model: LeadModel | null = null): Profile[] {
  const told: Profile[] = [];
  let state = profile;
  for (const now_ms of times_ms) {
    if (state.decays_at_ms === null || state.decays_at_ms > now_ms) continue;
    const next = decayed(state, now_ms, model);
    if (next.customer !== state.customer) told.push(next);
    state = next;
  }
  return [...told, state];
}
const seeds = Array.from({ length: 40 }, (_, seed) => seed);
const daily = Array.from({ length: 3 * 365 }, (_, day) => noon_ms + day * day_ms);
/** But for what is the tick's own. */
const withoutClock = ({ customer: { updated_at_ms: _, ...customer }, ...profile }: Profile) => ({
  profile,
  customer,
});
const final = (...given: Parameters<typeof toldAt>): Profile => toldAt(...given).at(-1) as Profile;

describe('silence', () => {
  it('lowers a score step by step, each by what a reader would notice, and comes to an end', () => {
    const before = warm();
    const told = toldAt(before, daily).slice(0, -1);
    expect(told.length).toBeGreaterThan(5);
    expect(told.length).toBeLessThanOrEqual(silences_ms.length);
    let last = before.customer;
    for (const { customer } of told) {
      expect(customer.score).toBeLessThan(last.score);
      const isEnd = customer.decayed_to_ms === noon_ms + year_ms;
      expect(isEnd || customer.grade !== last.grade || last.score - customer.score >= points_min).toBe(true);
      expect(customer).toMatchObject({ caused_by: before.customer.caused_by, version: expect.any(Number) });
      expect(customer.version).toBeGreaterThan(last.version);
      expect(score(before, customer.decayed_to_ms ?? 0)).toMatchObject({
        score: customer.score,
        reasons: customer.reasons,
      });
      last = customer;
    }
    expect(told.at(-1)?.decays_at_ms).toBeNull();
    expect(last.score).toBe(score(before, noon_ms + 10 * year_ms).score);
    // Never further behind than what is not worth telling and what a step takes off.
    for (const now_ms of daily) {
      const shown = told.findLast(({ customer }) => customer.updated_at_ms <= now_ms)?.customer ?? before.customer;
      expect(shown.score - score(before, now_ms).score).toBeLessThan(2 * points_min);
    }
  });

  it('makes the same of a profile however often it is asked', () => {
    const often = final(warm(), daily);
    const seldom = final(warm(), [noon_ms + 40 * day_ms, noon_ms + 3 * year_ms]);
    const late = final(warm(), [noon_ms + 3 * year_ms]);
    expect(withoutClock(seldom)).toEqual(withoutClock(often));
    expect(withoutClock(late)).toEqual(withoutClock(often));
  });

  it.each(seeds)('makes the same of whatever was done, and of any ticks: %d', seed => {
    const next = mulberry32(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
    const acts = Array.from({ length: 1 + Math.floor(next() * 12) }, (): Partial<Interaction> => {
      const occurred_at_ms = noon_ms - Math.floor(next() * 200) * day_ms;
      const name = pick(['trial_started', 'subscription_cancelled', 'login', 'unsubscribed']);
      if (next() < 0.3) return { kind: 'event', name, occurred_at_ms };
      const category = pick(['sales', 'newsletter', 'recruiting', 'other']);
      return { kind: 'mail_in', category, sentiment_score: next() * 2 - 1, occurred_at_ms };
    });
    const [first = {}, ...further] = acts;
    const profile = profileAfter(first, ...further);
    const weights = leadFeatures(profile, noon_ms).map(({ feature }) => ({ feature, weight: next() * 3 - 1.5 }));
    const model = { version: 1, weights } as unknown as LeadModel;
    for (const days of [150, daily.length]) {
      const often = daily.slice(0, days);
      const some = often.filter((_, at) => at === days - 1 || next() < 0.02);
      expect(withoutClock(final(profile, some, model))).toEqual(withoutClock(final(profile, often, model)));
    }
  });

  it('tells years of it at once', () => {
    expect(toldAt(warm(), [noon_ms + 3 * year_ms])).toHaveLength(2);
    expect(final(warm(), [noon_ms + 3 * year_ms]).customer).toMatchObject({ score: 10, grade: 'D', engagement: 50 });
  });

  it('is not told of an outcome, nor of what does not fade, nor before it is certain', () => {
    const won = profileAfter(asked, { kind: 'crm', name: 'deal', stage: 'won', outcome: 'won' });
    expect(won.decays_at_ms).toBeNull();
    const lost = profileAfter(asked, trial, { kind: 'crm', name: 'deal', stage: 'lost', outcome: 'lost' });
    const of_before = { ...lost, decays_at_ms: 0 };
    expect(decayed(of_before, noon_ms + 3 * year_ms, null)).toEqual(lost);
    const staged = profileAfter({ kind: 'crm', name: 'deal', stage: 'proposal' });
    const looked = decayed(staged, noon_ms + 3 * day_ms, null);
    expect(looked).toEqual({ ...staged, decays_at_ms: null });
    const arrived_ms = noon_ms + 2 * year_ms;
    const imported = profileAfter({ ...asked, lineage: { ...lineage, ingested_at_ms: arrived_ms } });
    expect(firstLook(imported.customer)).toBe(arrived_ms + quiet_ms);
    expect(firstLook(warm().customer)).toBe(noon_ms + (silences_ms[0] ?? 0));
  });

  it('ends with what happens next, and not with news of what happened before', () => {
    const silent = final(warm(), [noon_ms + 60 * day_ms]);
    const fed = (given: Partial<Interaction>): Profile => {
      const stage = drive([processor]);
      for (const record of [interaction({ interaction_id: 'x', ...asked })]) stage.feed(topics.interaction, record);
      stage.feed(topics.measurement, tick(noon_ms + 60 * day_ms));
      stage.feed(topics.interaction, interaction({ interaction_id: 'y', ...given }));
      return stage.state(processor, 'org/ann@customer.test') as Profile;
    };
    expect(silent.customer.decayed_to_ms).not.toBeNull();
    const again = fed({ ...asked, occurred_at_ms: noon_ms + 61 * day_ms });
    expect(again.customer).toMatchObject({ decayed_to_ms: null, last_seen_ms: noon_ms + 61 * day_ms });
    const old = fed({ ...asked, occurred_at_ms: noon_ms - day_ms });
    expect(old.customer.decayed_to_ms).toBe(noon_ms + (silences_ms[14] ?? 0));
    expect(old.customer).toMatchObject(score(old, old.customer.decayed_to_ms ?? 0));
  });

  it('is scored by what outcomes have taught by then', () => {
    const profile = warm();
    const weights = leadFeatures(profile, noon_ms).map(({ feature }) => ({ feature, weight: -0.5 }));
    const model = { version: 7, weights } as unknown as LeadModel;
    const told = final(profile, [noon_ms + 30 * day_ms], model).customer;
    expect(told.model_version).toBe('lead-prior-1+7');
    expect(told).toMatchObject(score(profile, told.decayed_to_ms ?? 0, model));
  });
});

describe('the ticks', () => {
  const people = ['ann@a.test', 'ben@b.test', 'cat@c.test'];
  const told = (ticks_ms: readonly number[], keep: 'live' | 'backfill' = 'live') => {
    const stage = drive([processor]);
    for (const person_id of people) {
      for (const given of [asked, trial]) {
        const own = { ...lineage, origin: keep, ingested_at_ms: keep === 'live' ? noon_ms : noon_ms + year_ms };
        stage.feed(topics.interaction, interaction({ person_id, interaction_id: person_id, ...given, lineage: own }));
      }
    }
    for (const at_ms of ticks_ms) stage.feed(topics.measurement, tick(at_ms));
    const movements = stage.read<Measurement>(topics.measurement).filter(({ measure }) => measure === 'lead_down');
    return { customers: stage.read(topics.customerUpdated), movements };
  };

  it('let everybody’s score fall with nobody doing anything, and say when a grade did', () => {
    const { customers, movements } = told(daily);
    for (const person_id of people) {
      const own = customers.filter(one => one.person_id === person_id);
      expect(own.at(-1)?.score).toBeLessThan((own[1]?.score ?? 0) - 20);
      expect(own.at(-1)?.version).toBe(2 + silences_ms.length);
      const grades = new Set(own.slice(1).map(({ grade }) => grade)).size;
      expect(movements.filter(({ owner }) => owner.organization_id === 'org')).toHaveLength(
        people.length * (grades - 1),
      );
    }
  });

  it('tell of imported history its end, once, and nothing to the windows of now', () => {
    const { customers, movements } = told([noon_ms + year_ms + quiet_ms - 1, noon_ms + year_ms + quiet_ms], 'backfill');
    expect(customers).toHaveLength(3 * people.length);
    expect(customers.at(-1)?.decayed_to_ms).toBe(noon_ms + year_ms);
    expect(movements).toEqual([]);
  });

  it('come to the same again', () => {
    expect(told(daily).customers).toEqual(told(daily).customers);
  });
});
