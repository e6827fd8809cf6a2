/** What outcomes have taught (processors/lead-trainer.ts), as shares of a score. */
import type { FtrlOptions } from '../../lib/online/ftrl.ts';
import type { LeadModel } from '../../schemas/generated.ts';
import type { Contribution } from '../explain.ts';
import type { LeadFeature } from './lead-features.ts';

/** A profile's features are of length 2 together, so that a first outcome moves a score by about 0.2 in log-odds. */
export const learning: FtrlOptions = { alpha: 0.15, beta: 1, l2: 1 };

/** Where half as many outcomes are known, they count for half of what confidence they can give. */
const outcomes_half = 50;

export const modelVersion = (rules_version: string, model: LeadModel | null): string =>
  model === null ? rules_version : `${rules_version}+${model.version}`;

/** 0.5 while the rules alone are believed, towards 1 as outcomes have shown what is right. */
export function trust(model: LeadModel | null): number {
  const outcomes = model?.version ?? 0;
  return (1 + outcomes / (outcomes + outcomes_half)) / 2;
}

export function learned(model: LeadModel | null, features: readonly LeadFeature[]): Contribution[] {
  if (model === null) return [];
  const weights = weightsOf(model);
  return features.flatMap(({ feature, name, shown, value, evidence_id }) => {
    const log_odds = (weights.get(feature) ?? 0) * value;
    return log_odds === 0 ? [] : [{ feature: `learned_${name}`, value: shown, log_odds, evidence_id }];
  });
}

// A model scores many profiles before the next one comes.
const known = new WeakMap<LeadModel, ReadonlyMap<number, number>>();

function weightsOf(model: LeadModel): ReadonlyMap<number, number> {
  const weights = known.get(model) ?? new Map(model.weights.map(({ feature, weight }) => [feature, weight]));
  known.set(model, weights);
  return weights;
}
