/** FNV-1a over code units (Fowler, Noll & Vo), 32 bits, signed. */
export const hash_start = 0x811c9dc5 | 0;

export function hashMore(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** Two hashes or numbers as one; not symmetric. The result's bits are mixed well enough to take the lowest ones (MurmurHash3's last step). */
export function hashPair(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ second;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
