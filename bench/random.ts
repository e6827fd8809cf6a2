import { mulberry32 } from '../lib/random.ts';

/** Numbers that repeat with the seed. */
export interface Random {
  /** In [0, 1). */
  unit(): number;
  chance(probability: number): boolean;
  /** Both ends included. */
  int(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  /** Between `least` and `most` of them, any of them more than once. */
  several<T>(from: readonly T[], least: number, most: number): T[];
  /** 0 to `count` - 1, small numbers far more often than large ones, about as 1/n. */
  skewed(count: number): number;
  /** Waiting times of independent arrivals with this mean. */
  exponential(mean: number): number;
  hex(length: number): string;
  bytes(length: number): Buffer;
}

export function createRandom(seed: number): Random {
  const unit = mulberry32(seed);
  const int = (least: number, most: number): number => least + Math.floor(unit() * (most - least + 1));
  const pick = <T>(from: readonly T[]): T => from[int(0, from.length - 1)] as T;
  return {
    unit,
    int,
    pick,
    chance: probability => unit() < probability,
    several: (from, least, most) => Array.from({ length: int(least, most) }, () => pick(from)),
    skewed: count => Math.floor(count ** unit()) - 1,
    exponential: mean => -Math.log(1 - unit()) * mean,
    hex: length => Array.from({ length }, () => int(0, 15).toString(16)).join(''),
    bytes: length => Buffer.from(Array.from({ length }, () => int(0, 255))),
  };
}
