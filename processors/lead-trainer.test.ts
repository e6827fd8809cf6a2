import { describe, expect, it } from 'vitest';
import { sigmoid } from '../lib/linear.ts';
import { drive } from '../lib/test-driver.ts';
import type { Interaction, LeadModel } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { leadExamples } from './customer/lead-example.ts';
import { leadFeatures } from './customer/lead-features.ts';
import { update } from './customer/profile.ts';
import { score } from './customer/score.ts';
import { customer } from './customer.ts';
import { leadTrainer } from './lead-trainer.ts';
import { day_ms, interaction, noon_ms, profileAfter } from './test-records.ts';

let made = 0;
const of = (person_id: string, given: Partial<Interaction>): Interaction =>
  interaction({ interaction_id: `n${made++}`, person_id, ...given });
const deal = (stage: string | null, outcome: 'won' | 'lost' | null, day = 1) =>
  ({ kind: 'crm', name: 'deal', stage, outcome, occurred_at_ms: noon_ms + day * day_ms }) as const;
const trial = { kind: 'event', name: 'webinar.joined' } as const;
const download = { kind: 'event', name: 'brochure.read' } as const;

/** Who joined a webinar buys; who read a brochure does not. No rule knows either. */
function taught(outcomes: number, organization_id = 'org') {
  const driver = drive([customer, leadTrainer()]);
  const owner = { organization_id, mailbox: '', owner_id: '', team_id: '' };
  for (let at = 0; at < outcomes; at++) {
    const won = at % 2 === 0;
    driver.feed(topics.interaction, of(`p${at}@a.test`, { ...(won ? trial : download), owner }), noon_ms + at);
    driver.feed(
      topics.interaction,
      of(`p${at}@a.test`, { ...deal('Closed', won ? 'won' : 'lost'), owner }),
      noon_ms + at,
    );
  }
  return driver;
}

const newest = (driver: ReturnType<typeof taught>): LeadModel => driver.read(topics.leadModel).at(-1) as LeadModel;

describe('what outcomes teach', () => {
  it('moves the next scores, which name the version and add up', () => {
    const driver = taught(40);
    for (const [person, given] of [
      ['new@a.test', trial],
      ['other@a.test', download],
    ] as const) {
      driver.feed(topics.interaction, of(person, given));
    }
    const [won, lost] = driver.read(topics.customerUpdated).slice(-2);
    const before = profileAfter({ ...trial, person_id: 'new@a.test' }).customer;
    expect(won?.model_version).toBe('lead-prior-1+40');
    expect(won?.log_odds).toBeGreaterThan(before.log_odds + 0.5);
    expect(won?.log_odds).toBeGreaterThan((lost?.log_odds ?? 0) + 0.5);
    expect(won?.reasons.reduce((sum, { log_odds }) => sum + log_odds, won.bias)).toBe(won?.log_odds);
    const reason = won?.reasons.find(({ feature }) => feature === 'learned_event_webinar.joined');
    expect(reason).toMatchObject({ value: 'once', evidence_id: `n${made - 2}` });
    expect(won?.confidence).toBeGreaterThan(before.confidence);
  });

  it('says little after one outcome, and nothing without any', () => {
    const profile = profileAfter({ ...download, person_id: 'new@a.test' });
    expect(score(profile, noon_ms).log_odds).toBe(profile.customer.log_odds);
    const first = score(profile, noon_ms, newest(taught(1)));
    expect(Math.abs(first.log_odds - profile.customer.log_odds)).toBeLessThan(0.6);
  });

  it('is of one organisation alone', () => {
    const driver = taught(10, 'theirs');
    driver.feed(topics.interaction, of('new@a.test', trial));
    expect(driver.read(topics.customerUpdated).at(-1)?.model_version).toBe('lead-prior-1');
  });

  it('is measured before it is learned, version by version, and learned again the same', () => {
    const driver = taught(60);
    const models = driver.read(topics.leadModel);
    expect(models.map(({ version }) => version)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
    const [first] = driver.read(topics.leadExample);
    expect(models[0]?.log_loss).toBeCloseTo(-Math.log(sigmoid(first?.prior_log_odds ?? 0)), 9);
    expect(newest(driver)).toMatchObject({ won: 30, measured: 60, actual: 0.5 });
    expect(newest(driver).log_loss).toBeLessThan(newest(driver).rules_log_loss);
    const again = drive([leadTrainer()]);
    driver.read(topics.leadExample).forEach((example, at) => {
      again.feed(topics.leadExample, example, models[at]?.learned_at_ms);
    });
    expect(again.read(topics.leadModel)).toEqual(models);
    // A version's weights are the newest of each feature up to it.
    const weights = new Map(models.flatMap(({ touched }) => touched.map(each => [each.feature, each.weight] as const)));
    expect(newest(driver).weights).toEqual(
      [...weights].sort(([a], [b]) => a - b).map(([feature, weight]) => ({ feature, weight })),
    );
  });
});

it('a category of an organisation’s own is one feature, however often and whatever it is called', () => {
  const of = (category: string, times: number): number[] => {
    const [first = {}, ...rest] = Array.from({ length: times }, () => ({ kind: 'mail_in', category }) as const);
    return leadFeatures(profileAfter(first, ...rest), noon_ms).map(({ feature }) => feature);
  };
  for (const category of ['sales', 'domain', 'domain_transfer']) {
    const shared = of(category, 1).filter(feature => of(category, 2).includes(feature));
    // All but how often.
    expect(shared, category).toHaveLength(of(category, 1).length - 1);
  }
});

describe('an example', () => {
  const examples = (...given: Partial<Interaction>[]) => {
    const [first, ...rest] = given as [Partial<Interaction>, ...Partial<Interaction>[]];
    const last = interaction({ interaction_id: 'last', ...rest.at(-1) });
    const before = profileAfter(first, ...rest.slice(0, -1));
    return leadExamples(before, update(before, last), last);
  };

  it('is made where an outcome is told or corrected, and not where it is told again', () => {
    expect(examples(trial, deal('Closed', 'won'))).toHaveLength(1);
    expect(examples(trial, deal('Closed', 'won'), deal('Closed', 'won', 2))).toHaveLength(0);
    expect(examples(trial, deal('Closed', 'lost'), deal('Closed', 'won', 2))).toHaveLength(1);
    const contact = { ...deal('Customer', null, 2), name: 'contact' };
    expect(examples(trial, deal('Closed', 'won'), contact, deal('Closed', 'won', 3))).toHaveLength(0);
    expect(examples(trial, contact, deal('Closed', 'won', 1))).toHaveLength(1);
    expect(examples(trial, deal('Proposal', null))).toHaveLength(0);
  });

  it('knows neither the outcome, nor a stage that states it, nor what came later', () => {
    const [plain] = examples(trial, deal('Proposal', null), deal('Closed', 'won', 5));
    const later = { ...download, occurred_at_ms: noon_ms + 9 * day_ms };
    expect(examples(trial, deal('Proposal', null), later, deal('Closed', 'won', 5))).toMatchObject([
      { features: plain?.features, prior_log_odds: plain?.prior_log_odds },
    ]);
    const [stated] = examples(trial, deal('Closed won', null), deal('Closed won', 'won', 5));
    const [unstated] = examples(trial, deal('Nothing known', null), deal('Closed', 'won', 5));
    expect(stated?.prior_log_odds).toBe(unstated?.prior_log_odds);
    const told = leadFeatures(profileAfter(trial, deal('Closed won', null)), noon_ms + 2 * day_ms);
    expect(told.map(({ name }) => name)).not.toContain('stage');
  });
});
