/**
 * What the tagger looks at: for each token a list of features of it and of its neighbours (Ratinov & Roth 2009; word clusters as in
 * Turian, Ratinov & Bengio 2010). Numbers in arrays that are used again for the next text.
 */
import { isApostrophe } from '../text/characters.ts';
import { hashPair } from '../text/hash.ts';
import { flag, hashOfPart, type Tokens, text_read_chars_max } from '../text/tokens.ts';
import { caseOf, shape, shapeOf } from './shape.ts';
import type { Words } from './words.ts';

/** Features are hashed to this many. */
export const feature_bits = 17;
const mask = (1 << feature_bits) - 1;

/** Raised when features change: the weights belong to these. */
export const features_revision = 1;

export const features_max = 64;

/** Tokens before and behind the text, so that neighbours need no bounds. */
const margin = 2;
const size = text_read_chars_max + 1 + 2 * margin;

/** The attributes of each token of one text, at `token + 2`. */
export class Attributes {
  count = 0;
  readonly word = new Int32Array(size);
  /** The word's row in the table, −1 unknown. */
  readonly row = new Int32Array(size);
  readonly shape = new Uint8Array(size);
  readonly case = new Uint8Array(size);
  readonly coarse = new Uint8Array(size);
  readonly middle = new Uint8Array(size);
  readonly fine = new Int16Array(size);
  readonly lists = new Uint8Array(size);
  readonly capitals = new Uint8Array(size);
  readonly prefix = new Int32Array(size);
  readonly suffix = new Int32Array(size);
  /** 0 within a sentence, 1 its first word; 2 and 3 the same where most of its words are capitalised; 4 and 5: none is. */
  readonly place = new Uint8Array(size);
  private readonly words: Words;

  constructor(words: Words) {
    this.words = words;
  }

  read(tokens: Tokens): void {
    const { count } = tokens;
    this.count = count;
    this.blank(0);
    this.blank(1);
    this.blank(count + margin);
    this.blank(count + margin + 1);
    for (let token = 0; token < count; token++) this.readToken(tokens, token);
    this.readPlaces(tokens);
  }

  private blank(at: number): void {
    this.word[at] = this.row[at] = -1;
    this.shape[at] = this.case[at] = this.coarse[at] = this.middle[at] = this.lists[at] = this.capitals[at] = 0;
    this.fine[at] = this.place[at] = 0;
  }

  private readToken(tokens: Tokens, token: number): void {
    const at = token + margin;
    const { arrays } = this.words;
    const form = shapeOf(tokens, token);
    const end = tokens.has(token, flag.apostrophe) ? withoutGenitive(tokens, token) : tokens.end[token]!;
    const hash = end < tokens.end[token]! ? hashOfPart(tokens.text, tokens.start[token]!, end) : tokens.hash[token]!;
    const row = this.words.rowOf(hash);
    this.word[at] = hash;
    this.row[at] = row;
    this.shape[at] = form;
    this.case[at] = caseOf(form);
    this.coarse[at] = row < 0 ? 0 : arrays.coarse[row]!;
    this.middle[at] = row < 0 ? 0 : arrays.middle[row]!;
    this.fine[at] = row < 0 ? 0 : arrays.fine[row]!;
    this.lists[at] = row < 0 ? 0 : arrays.lists[row]!;
    this.capitals[at] = row < 0 ? 0 : arrays.capitals[row]!;
    this.prefix[at] = hashOfPart(tokens.text, tokens.start[token]!, Math.min(end, tokens.start[token]! + 3));
    this.suffix[at] = hashOfPart(tokens.text, Math.max(tokens.start[token]!, end - 3), end);
  }

  private readPlaces(tokens: Tokens): void {
    for (let sentence = 0; sentence < tokens.sentences; sentence++) {
      const from = tokens.sentence_start[sentence]!;
      const to = tokens.sentence_start[sentence + 1]!;
      let words = 0;
      let capitals = 0;
      for (let token = from; token < to; token++) {
        const form = this.shape[token + margin]!;
        if (form < shape.lower || form > shape.camel) continue;
        words++;
        if (form !== shape.lower) capitals++;
      }
      const mode = words > 2 && capitals * 3 > words * 2 ? 2 : capitals === 0 ? 4 : 0;
      let first = 1;
      for (let token = from; token < to; token++) {
        const form = this.shape[token + margin]!;
        const isWord = form >= shape.lower && form <= shape.digits_capital;
        this.place[token + margin] = mode + (isWord ? first : 0);
        if (isWord) first = 0;
      }
    }
  }
}

/** "Anna's" is Anna: where the word before a genitive ends. */
export function withoutGenitive(tokens: Tokens, token: number): number {
  const end = tokens.end[token]!;
  const { text } = tokens;
  if (
    end - tokens.start[token]! > 2 &&
    (text.charCodeAt(end - 1) | 0x20) === 0x73 &&
    isApostrophe(text.charCodeAt(end - 2))
  )
    return end - 2;
  return end;
}

/** Writes the indices of a token's features into `into`; returns how many. */
export function featuresOf(of: Attributes, token: number, into: Int32Array): number {
  const at = token + margin;
  const { word, coarse, middle, fine, lists, capitals, place } = of;
  const form = of.shape;
  const cased = of.case;
  let count = 0;
  const add = (template: number, value: number): void => {
    into[count++] = hashPair(value, template) & mask;
  };
  const own = form[at]!;
  const own_case = cased[at]!;
  add(1, word[at]!);
  add(2, word[at - 1]!);
  add(3, word[at + 1]!);
  add(4, word[at - 2]!);
  add(5, word[at + 2]!);
  add(6, Math.imul(word[at - 1]!, 31) + own_case);
  add(7, Math.imul(word[at + 1]!, 31) + own_case);
  const shapes = (form[at - 1]! << 5) | own;
  add(8, own);
  add(9, shapes);
  add(10, (own << 5) | form[at + 1]!);
  add(11, (shapes << 5) | form[at + 1]!);
  add(12, (form[at - 2]! << 10) | shapes);
  add(13, (own << 10) | (form[at + 1]! << 5) | form[at + 2]!);
  add(14, Math.imul(of.prefix[at]!, 31) + own_case);
  add(15, Math.imul(of.suffix[at]!, 31) + own_case);
  add(16, (coarse[at]! << 5) | own);
  add(17, (middle[at]! << 5) | own);
  add(18, (fine[at]! << 5) | own_case);
  add(19, (coarse[at - 1]! << 8) | coarse[at]!);
  add(20, (coarse[at]! << 8) | coarse[at + 1]!);
  add(21, (middle[at - 1]! << 5) | own);
  add(22, (middle[at + 1]! << 5) | own);
  add(23, (fine[at - 1]! << 5) | own_case);
  add(24, (fine[at + 1]! << 5) | own_case);
  add(25, (middle[at - 2]! << 5) | own_case);
  add(26, (middle[at + 2]! << 5) | own_case);
  add(27, (place[at]! << 5) | own);
  add(28, (capitals[at]! << 8) | (place[at]! << 5) | own);
  add(29, (capitals[at - 1]! << 8) | (cased[at - 1]! << 5) | (capitals[at]! << 2) | own_case);
  add(30, (capitals[at + 1]! << 8) | (cased[at + 1]! << 5) | (capitals[at]! << 2) | own_case);
  add(31, (lists[at]! << 5) | own);
  for (let bit = 0; bit < 8; bit++) {
    if (lists[at]! & (1 << bit)) add(32, (bit << 5) | own_case);
    if (lists[at - 1]! & (1 << bit)) add(33, (bit << 5) | own_case);
    if (lists[at + 1]! & (1 << bit)) add(34, (bit << 5) | own_case);
  }
  return count;
}
