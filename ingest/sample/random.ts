import { mulberry32 } from '../../lib/random.ts';

/** Seeded choices: the same seed gives the same company on every machine. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  hex(digits: number): string;
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    between: (min, max) => min + next() * (max - min),
    chance: probability => next() < probability,
    pick: items => items[Math.floor(next() * items.length)]!,
    hex: digits => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join(''),
  };
}
