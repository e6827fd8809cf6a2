/** What the models say of one mail, each corrected by what was learnt from users where something was. */
import { type FeatureBag, sigmoid, softmax } from '../../lib/linear.ts';
import type { Email } from '../../schemas/generated.ts';
import { categories, type LearningModel } from '../../schemas/labels.ts';
import { type Explained, explain } from '../explain.ts';
import type { Corrections, LearntModel } from '../learning/corrections.ts';
import { importanceHash, learningFeatures } from '../learning/features.ts';
import type { CategoryResult } from './category.ts';
import { contributions, type ImportanceFeature, importance_bias, logOddsOf, type WeightDelta } from './importance.ts';
import type { SentimentResult } from './sentiment.ts';

/** What a model says of each of its classes, a log-odds each; of yes or no, one. */
export type Said = Readonly<Record<LearningModel, readonly number[]>>;

/** No model is surer than this, or no correction could turn it. */
const probability_min = 1e-4;

export class Learner {
  /** By the shipped models alone. */
  readonly said: Record<LearningModel, readonly number[]> = {
    sentiment: [],
    category: [],
    spam: [],
    asks: [],
    importance: [],
  };
  /** Of the models that have said something, and of what was learnt. */
  readonly versions: Record<string, string>;
  private readonly email: Email;
  private readonly corrections: Corrections | null;
  /** Read once for all models, where one has learnt something. */
  private words: FeatureBag | null = null;

  constructor(email: Email, corrections: Corrections | null, models: Readonly<Record<string, string>>) {
    this.email = email;
    this.corrections = corrections;
    this.versions = { ...models };
  }

  sentiment(shipped: SentimentResult): SentimentResult {
    const said = shipped.probabilities.map(logOf);
    const scores = this.corrected('sentiment', said);
    if (scores === null) return shipped;
    const probabilities = softmaxOf(scores);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const tilt = (of: readonly number[]): number => of[2]! - of[0]!;
    const moved = shipped.score + tilt(probabilities) - tilt(shipped.probabilities);
    return {
      score: Math.max(-1, Math.min(1, moved)),
      label: (['negative', 'neutral', 'positive'] as const)[best]!,
      confidence: probabilities[best]!,
      probabilities,
    };
  }

  probability(model: 'asks' | 'spam', shipped: number): number {
    const scores = this.corrected(model, [logOdds(shipped)]);
    return scores === null ? shipped : sigmoid(scores[0]!);
  }

  /** What an organisation's own categories have named is not for the models to correct. */
  category(shipped: CategoryResult): CategoryResult {
    this.versions.category = shipped.model;
    const said = categories.map(category => logOf(shipped.scores[category] ?? 0));
    const isGeneral = (categories as readonly string[]).includes(shipped.category);
    const scores = isGeneral ? this.corrected('category', said) : null;
    if (scores === null) return shipped;
    const probabilities = softmaxOf(scores);
    const best = probabilities.indexOf(Math.max(...probabilities));
    return {
      category: categories[best]!,
      scores: Object.fromEntries(categories.map((category, at) => [category, probabilities[at]!])),
      model: this.versions.category,
    };
  }

  /** What was learnt of each feature is part of its reason; what was learnt of the mailbox as a whole is one of its own. */
  importance(features: readonly ImportanceFeature[]): Explained {
    const prior = contributions(features);
    const said = logOddsOf(prior);
    this.said.importance = [said];
    const learnt = this.corrections?.of('importance') ?? null;
    if (learnt === null) return explain(importance_bias, prior);
    this.versions.importance += `+${learnt.version}`;
    const delta: WeightDelta = feature => learnt.corrector.weight(importanceHash(feature), 0);
    const mailbox = {
      feature: 'mailbox',
      value: toldOf(learnt),
      log_odds: learnt.corrector.standing([said])[0]!,
      evidence_id: '',
    };
    return explain(importance_bias, [...contributions(features, delta), mailbox]);
  }

  private corrected(model: LearningModel, said: readonly number[]): number[] | null {
    this.said[model] = said;
    const learnt = this.corrections?.of(model) ?? null;
    if (learnt === null) return null;
    this.versions[model] += `+${learnt.version}`;
    this.words ??= learningFeatures(this.email);
    const { index, value, length } = this.words;
    return learnt.corrector.scores(said, index, value, length);
  }
}

function toldOf({ marked, acts }: LearntModel): string {
  const told = [
    ...(marked > 0 ? [`${marked} mails marked`] : []),
    ...(acts > 0 ? [`${acts} starred, answered, opened or left`] : []),
  ];
  return told.join(', ');
}

/** Of a probability, never of 0. */
export const logOf = (probability: number): number => Math.log(Math.max(probability_min, probability));

function logOdds(probability: number): number {
  const bounded = Math.max(probability_min, Math.min(1 - probability_min, probability));
  return Math.log(bounded / (1 - bounded));
}

function softmaxOf(scores: readonly number[]): number[] {
  const shares = Float64Array.from(scores);
  softmax(shares);
  return Array.from(shares);
}
