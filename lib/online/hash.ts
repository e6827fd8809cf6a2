/** Features are known by a number of this many bits; two that share one share a weight, which costs little as long as few do. */
const feature_bits = 18;
export const features_max = 2 ** feature_bits;

/** 32 bits of a text: FNV-1a over its UTF-16 units, with MurmurHash3's finish, whose low bits are as good as its high ones. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed | 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return finish(hash);
}

/** 32 bits of two hashes, in this order. */
export function hashPair(a: number, b: number): number {
  return finish(Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ (a >>> 15));
}

/** The feature's number, 0 to `features_max` − 1. */
export const featureOf = (hash: number): number => hash >>> (32 - feature_bits);

/** A named feature's number where few are told apart: 0 to 4095. */
export const featureHash = (name: string): number => hashText(name) >>> 20;

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}
