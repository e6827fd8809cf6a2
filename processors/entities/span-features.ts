/** What is looked at to tell of which kind a name is. */
import type { FeatureBag } from '../../lib/linear.ts';
import { hashPair } from '../text/hash.ts';
import type { Attributes } from './features.ts';

export const span_feature_bits = 14;
const mask = (1 << span_feature_bits) - 1;

/** Raised when the features change. */
export const span_features_revision = 1;

/** Longer names are told by their beginning. */
const tokens_max = 8;
export const span_features_max = 24 * tokens_max;

/** Fills the bag with the features of the name from token `from` to before `to`. */
export function spanFeatures(of: Attributes, from: number, to: number, bag: FeatureBag): void {
  bag.clear();
  const add = (template: number, value: number): void => bag.set(hashPair(value, template) & mask, 1);
  const end = Math.min(to, from + tokens_max);
  for (let token = from; token < end; token++) {
    const at = token + 2;
    add(1, of.word[at]!);
    add(2, of.coarse[at]!);
    add(3, of.middle[at]!);
    add(4, of.fine[at]!);
    add(5, of.shape[at]!);
    add(6, of.prefix[at]!);
    add(7, of.suffix[at]!);
    add(8, (of.lists[at]! << 4) | Math.min(to - from, 4));
    for (let bit = 0; bit < 8; bit++) if (of.lists[at]! & (1 << bit)) add(9, bit);
    add(10, of.capitals[at]!);
  }
  add(11, of.word[from + 1]!);
  add(12, of.word[to + 2]!);
  add(13, of.middle[from + 1]!);
  add(14, of.middle[to + 2]!);
  add(15, of.word[from]!);
  add(16, Math.min(to - from, 5));
  add(17, of.middle[to + 1]!);
  add(18, (of.coarse[from + 2]! << 8) | of.coarse[to + 1]!);
  add(19, of.place[from + 2]!);
}
