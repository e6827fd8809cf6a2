/**
 * What a correction may go by: the words of a mail, pairs of them, and who wrote it. Other features than the models' own, so that
 * what was learnt holds when a model is replaced.
 */
import { FeatureBag } from '../../lib/linear.ts';
import type { Email } from '../../schemas/generated.ts';
import type { ImportanceFeature } from '../mail/importance.ts';
import { hash_start, hashMore, hashPair } from '../text/hash.ts';
import { aboutOf } from '../text/segments.ts';
import { kind, Tokens } from '../text/tokens.ts';

const feature_bits = 20;
const size = 2 ** feature_bits;
/** A long mail's subject and first words say what it is about; all that is kept of 500 mails must go into one record. */
export const features_max = 128;
/** Beside words that weigh 1 together: whom somebody writes of is a better reason than who he is. */
const sender_value = 0.2;
const subject_mark = 1;
const sender_mark = 2;
const domain_mark = 3;
const importance_mark = 4;

const bag = new FeatureBag(size, features_max);
const tokens = new Tokens();

/** The features of a mail; the same bag each time, valid until the next call. Its words weigh 1 together, by Euclid; its sender less. */
export function learningFeatures(email: Pick<Email, 'subject' | 'text' | 'quoted_text' | 'from'>): FeatureBag {
  const { subject, from } = email;
  bag.clear();
  if (from.address !== '') {
    const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    bag.set(featureOf(hashPair(hashText(from.address), sender_mark)), sender_value);
    bag.set(featureOf(hashPair(hashText(domain), domain_mark)), sender_value);
  }
  const words_from = bag.length;
  addWords(tokens.read(subject), subject_mark);
  addWords(tokens.read(aboutOf(email)), 0);
  const norm = bag.norm(words_from);
  if (norm > 0) bag.scale(1 / norm, words_from);
  return bag;
}

/** What a mail's importance goes by, as an example has it: in single precision, as it is written. */
export function hashedFeatures(features: readonly ImportanceFeature[]): { features: number[]; values: number[] } {
  return {
    features: features.map(({ feature }) => importanceHash(feature)),
    values: features.map(({ strength }) => Math.fround(strength)),
  };
}

/** Of a feature of importance, by its name. */
export const importanceHash = (feature: string): number => featureOf(hashPair(hashText(feature), importance_mark));

/** Whom a mail is from, for who counts or forgets what was learnt of him. */
export const senderOf = ({ from }: Pick<Email, 'from'>): number => importanceHash(`from:${from.address}`);

function addWords({ count, hash, kind: kinds }: Tokens, mark: number): void {
  let before = 0;
  for (let at = 0; at < count; at++) {
    const is = kinds[at]!;
    if (is === kind.url || is === kind.handle || is === kind.address) continue;
    const word = is === kind.number ? 0 : hash[at]!;
    bag.set(featureOf(hashPair(word, mark)), 1);
    bag.set(featureOf(hashPair(hashPair(before, word), mark)), 1);
    before = word;
  }
}

const featureOf = (hash: number): number => hash & (size - 1);

function hashText(text: string): number {
  let hash = hash_start;
  for (let at = 0; at < text.length; at++) hash = hashMore(hash, text.charCodeAt(at));
  return hash;
}
