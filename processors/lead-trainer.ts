/**
 * Learns from outcomes what the rules of the lead score get wrong, for each organisation by itself: online FTRL-proximal over hashed features, on
 * top of the rules' log-odds. Each outcome is foretold by the version before it, then learned, and makes the next version.
 *
 * A version follows from the examples before it and nothing else, so a replay of their topic makes the same versions again.
 */

import { sigmoid } from '../lib/linear.ts';
import { stepped, weightOf } from '../lib/online/ftrl.ts';
import { defineProcessor } from '../lib/processor.ts';
import { type LeadExample, type LeadLearning, type LeadModel, leadLearningSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { learning } from './customer/lead-model.ts';

const inputs = { example: topics.leadExample };
const outputs = { model: topics.leadModel };

/** Of so many newest outcomes the measures are. */
const measured_max = 200;
/** A first outcome must not make the log loss infinite. */
const probability_min = 1e-6;

/** `told` hears of each version; a transaction that is repeated tells it again. */
export const leadTrainer = (told: (model: LeadModel) => void = () => {}) =>
  defineProcessor<typeof inputs, LeadLearning, typeof outputs>({
    name: 'lead-trainer',
    version: 1,
    inputs,
    state: leadLearningSchema,
    outputs,
    on: {
      example(example, state, { at_ms }) {
        const before = state ?? { version: 0, won: 0, coordinates: [], foretold: [] };
        const { after, touched } = learn(before, example);
        const model = modelOf(after, touched, example, at_ms);
        told(model);
        return { state: after, emit: { model } };
      },
    },
  });

function learn(before: LeadLearning, example: LeadExample): { after: LeadLearning; touched: ReadonlySet<number> } {
  const coordinates = new Map(before.coordinates.map(each => [each.feature, each]));
  const values = new Map<number, number>();
  // Two features of one hash are one.
  for (const { feature, value } of example.features) values.set(feature, (values.get(feature) ?? 0) + value);
  const present = [...values].map(([feature, value]) => {
    const coordinate = coordinates.get(feature) ?? { feature, z: 0, n: 0 };
    return { feature, value, coordinate, weight: weightOf(coordinate, learning) };
  });
  const log_odds = present.reduce((sum, { value, weight }) => sum + value * weight, example.prior_log_odds);
  const won = example.outcome === 'won';
  const error = sigmoid(log_odds) - Number(won);
  for (const { feature, value, coordinate, weight } of present) {
    coordinates.set(feature, { feature, ...stepped(coordinate, error * value, weight, learning) });
  }
  const foretold = { log_odds, rules_log_odds: example.prior_log_odds, won };
  return {
    after: {
      version: before.version + 1,
      won: before.won + Number(won),
      coordinates: [...coordinates.values()].sort((a, b) => a.feature - b.feature),
      foretold: [...before.foretold, foretold].slice(-measured_max),
    },
    touched: new Set(values.keys()),
  };
}

function modelOf(state: LeadLearning, touched: ReadonlySet<number>, example: LeadExample, at_ms: number): LeadModel {
  const weights = state.coordinates.map(each => ({ feature: each.feature, weight: weightOf(each, learning) }));
  const mean = (of: (one: LeadLearning['foretold'][number]) => number): number =>
    state.foretold.reduce((sum, one) => sum + of(one), 0) / state.foretold.length;
  return {
    organization_id: example.organization_id,
    version: state.version,
    won: state.won,
    weights: weights.filter(({ weight }) => weight !== 0),
    touched: weights.filter(({ feature }) => touched.has(feature)),
    measured: state.foretold.length,
    log_loss: mean(({ log_odds, won }) => logLoss(log_odds, won)),
    rules_log_loss: mean(({ rules_log_odds, won }) => logLoss(rules_log_odds, won)),
    brier: mean(({ log_odds, won }) => (sigmoid(log_odds) - Number(won)) ** 2),
    predicted: mean(({ log_odds }) => sigmoid(log_odds)),
    actual: mean(({ won }) => Number(won)),
    learned_at_ms: at_ms,
  };
}

function logLoss(log_odds: number, won: boolean): number {
  return -Math.log(Math.max(probability_min, won ? sigmoid(log_odds) : 1 - sigmoid(log_odds)));
}
