/** What of a token counts where its exact characters do not: one number is as good as another, and so is one address. */
import { kind, type Tokens } from './tokens.ts';

/** Two names that no word's hash is likely to be. */
export const text_begins = 0x5f3a91;
export const text_ends = 0x5f3a92;

const generic = new Int32Array(16);
generic[kind.number] = 0x5f3a01;
generic[kind.url] = 0x5f3a02;
generic[kind.handle] = 0x5f3a03;
generic[kind.address] = 0x5f3a04;
generic[kind.emoji] = 0x5f3a05;

/** The hash of a word or a mark; numbers, links, handles, addresses and emoji each have one hash for all. */
export function gistOf(tokens: Tokens, token: number): number {
  return generic[tokens.kind[token]!]! || tokens.hash[token]!;
}
