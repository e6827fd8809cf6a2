/** What the enrichment takes from bigger models, and how a row says who answered. Pure. */
import type { Consulted, Opinion, Sentiment } from '../../schemas/generated.ts';
import { type Category, categories } from '../../schemas/labels.ts';
import type { CategoryResult } from '../mail/category.ts';

export interface BigSentiment {
  readonly label: Sentiment;
  /** −1 to 1: the probability of positive less that of negative. */
  readonly score: number;
  /** The probability of the label. */
  readonly confidence: number;
}

/** Null where the small model has the say. */
export function sentimentFrom(consulted: Consulted | null): BigSentiment | null {
  const scores = scoresOf(consulted?.sentiment);
  if (!scores) return null;
  const label = likeliest(scores) as Sentiment;
  const score = (scores.positive ?? 0) - (scores.negative ?? 0);
  return { label, score: Math.max(-1, Math.min(1, score)), confidence: scores[label] as number };
}

/** Null where the small model has the say. */
export function categoryFrom(consulted: Consulted | null): Pick<CategoryResult, 'category' | 'scores'> | null {
  const scores = scoresOf(consulted?.category);
  if (!scores) return null;
  const all = Object.fromEntries(categories.map(category => [category, scores[category] ?? 0]));
  return { category: likeliest(all) as Category, scores: all as Record<Category, number> };
}

/** Null where there is none but the small model's. */
export const summaryFrom = (consulted: Consulted | null): string | null => consulted?.summary?.text || null;

/** The versions of those that answered; of one that failed the small model's, and why. */
export function versionsWith(
  consulted: Consulted | null,
  small: Readonly<Record<string, string>>,
): Record<string, string> {
  const versions = { ...small };
  for (const name of ['sentiment', 'category', 'summary'] as const) {
    const asked = consulted?.[name];
    if (asked)
      versions[name] = asked.failure === '' ? asked.model : `${small[name] ?? 'none'} (fallback: ${asked.failure})`;
  }
  return versions;
}

const scoresOf = (opinion: Opinion | null | undefined): Readonly<Record<string, number>> | null =>
  opinion?.failure === '' ? opinion.scores : null;

const likeliest = (scores: Readonly<Record<string, number>>): string =>
  Object.keys(scores).reduce((best, label) => ((scores[label] ?? 0) > (scores[best] ?? 0) ? label : best));
