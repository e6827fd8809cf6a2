/** What the name of a deal's stage says. */
import { ending_words, stage_log_odds } from './lead-rules.ts';

/** Whether a stage says by itself how the deal ended: learned from, it would foretell what it knows. */
export function statesOutcome(stage: string): boolean {
  return wordsOf(stage).some(word => ending_words.has(word));
}

function wordsOf(stage: string): string[] {
  return stage
    .slice(0, stage_chars_max)
    .toLowerCase()
    .split(/[^a-z]/);
}

/** 0 for a stage that no rule knows. */
export function stageRule(stage: string): number {
  const words = wordsOf(stage);
  return stage_log_odds.find(([named]) => named.some(word => words.includes(word)))?.[1] ?? 0;
}

const stage_chars_max = 200;
