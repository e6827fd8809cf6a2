/**
 * What a user's replies, stars, opens and marks say of what is important to him: a sparse difference from everybody's weights, learned
 * a mail at a time, after Priority Inbox (Aberdeen, Pacovsky & Slater 2010), by FTRL-proximal (McMahan et al. 2013).
 */
import { sigmoid } from '../../lib/linear.ts';
import type { Email } from '../../schemas/generated.ts';
import { type ImportanceFeature, importance_bias, type WeightDelta } from './importance.ts';

/** What is kept of one user. Plain data, so that it can be the state of a stream. */
export interface ImportanceState {
  /** Of each feature, FTRL's sum `z` of shifted gradients and sum `n` of their squares. */
  readonly coordinates: Readonly<Record<string, readonly [z: number, n: number]>>;
  /** Log-odds from which a mail is important to this user. */
  readonly threshold: number;
  /** Mails learned from. */
  readonly labels: number;
}

export const nothing_learned: ImportanceState = { coordinates: {}, threshold: 0, labels: 0 };

const alpha = 0.5;
const beta = 1;
/** Weights that little speaks for stay exactly 0, and cost a user's state nothing. */
const l1 = 0.05;
const l2 = 1;
/** Features that a state holds; past it, those with the least behind them go. */
export const coordinates_max = 2_000;
const threshold_step = 0.1;
const threshold_most = 3;
const value_chars_max = 120;

/** What is of this one correspondence: nobody's prior, only the user's. */
export function personalFeatures(email: Pick<Email, 'from' | 'headers' | 'thread_id'>): ImportanceFeature[] {
  const { from, headers, thread_id } = email;
  const seen = [
    ['from', from.address],
    ['domain', from.address.slice(from.address.lastIndexOf('@') + 1)],
    ['list', headers['list-id'] ?? ''],
    ['thread', thread_id],
  ] as const;
  return seen.flatMap(([what, name]) => {
    const value = name.slice(0, value_chars_max);
    return value === '' ? [] : [{ feature: `${what}:${value}`, value, strength: 1, prior: 0, evidence_id: '' }];
  });
}

/** What happened with a mail by the time that it is judged. */
export interface Reception {
  readonly answered_after_ms: number | null;
  readonly starred: boolean;
  readonly opened: boolean;
  /** The user's own word, when he has said it. */
  readonly marked: 'important' | 'unimportant' | null;
}

export interface ImportanceLabel {
  readonly important: boolean;
  /** How many mails it counts as: a word counts more than an act, an act more than none. */
  readonly weight: number;
  /** The user has said so himself. */
  readonly explicit: boolean;
}

const answer_soon_ms = 4 * 24 * 60 * 60 * 1000;

/** A mail that its receiver answered within four days was important; null where what happened says nothing. */
export function importanceLabel({ answered_after_ms, starred, opened, marked }: Reception): ImportanceLabel | null {
  if (marked !== null) return { important: marked === 'important', weight: 3, explicit: true };
  if (starred) return { important: true, weight: 2, explicit: false };
  if (answered_after_ms !== null && answered_after_ms <= answer_soon_ms) {
    return { important: true, weight: 1, explicit: false };
  }
  return opened || answered_after_ms !== null ? null : { important: false, weight: 0.3, explicit: false };
}

/** Learns from one mail. Pure: the same states and mails give the same state. */
export function importanceDelta(
  state: ImportanceState,
  features: readonly ImportanceFeature[],
  { important, weight, explicit }: ImportanceLabel,
): ImportanceState {
  const log_odds = logOdds(state, features);
  const error = weight * (sigmoid(log_odds) - (important ? 1 : 0));
  const coordinates = { ...state.coordinates };
  for (const { feature, strength } of features) {
    const [z, n] = coordinates[feature] ?? [0, 0];
    const gradient = error * strength;
    const sigma = (Math.sqrt(n + gradient * gradient) - Math.sqrt(n)) / alpha;
    coordinates[feature] = [z + gradient - sigma * weightOf(z, n), n + gradient * gradient];
  }
  return {
    coordinates: bounded(coordinates),
    threshold: explicit ? thresholdAfter(state.threshold, log_odds, important) : state.threshold,
    labels: state.labels + 1,
  };
}

/** The user's difference in a feature's weight. */
export function deltaOf(state: ImportanceState): WeightDelta {
  return feature => {
    const coordinate = Object.hasOwn(state.coordinates, feature) ? state.coordinates[feature] : undefined;
    return coordinate === undefined ? 0 : weightOf(...coordinate);
  };
}

/** Whether a mail of these log-odds is important to this user. */
export function isImportant(state: ImportanceState, log_odds: number): boolean {
  return log_odds >= state.threshold;
}

export function logOdds(state: ImportanceState, features: readonly ImportanceFeature[]): number {
  const delta = deltaOf(state);
  return features.reduce(
    (sum, { feature, prior, strength }) => sum + (prior + delta(feature)) * strength,
    importance_bias,
  );
}

function weightOf(z: number, n: number): number {
  if (Math.abs(z) <= l1) return 0;
  return -(z - Math.sign(z) * l1) / ((beta + Math.sqrt(n)) / alpha + l2);
}

/** Somebody who calls mail important that fell below his threshold wants to see more, and the other way round. */
function thresholdAfter(threshold: number, log_odds: number, important: boolean): number {
  if (log_odds >= threshold === important) return threshold;
  const moved = threshold + (important ? -threshold_step : threshold_step);
  return Math.max(-threshold_most, Math.min(threshold_most, moved));
}

function bounded(coordinates: Record<string, readonly [number, number]>): Record<string, readonly [number, number]> {
  const entries = Object.entries(coordinates);
  if (entries.length <= coordinates_max) return coordinates;
  entries.sort(([, a], [, b]) => b[1] - a[1]);
  return Object.fromEntries(entries.slice(0, Math.floor(0.9 * coordinates_max)));
}
