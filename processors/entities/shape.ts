/** How a token is written, as a small number that features are made of. */
import { character, character_classes, isUpper } from '../text/characters.ts';
import { flag, kind, type Tokens } from '../text/tokens.ts';

export const shape = {
  /** Before the first token and behind the last. */
  none: 0,
  lower: 1,
  capitalised: 2,
  capitals: 3,
  one_capital: 4,
  /** A capital inside: "iPhone", "eBay". */
  inner_capital: 5,
  /** "YouTube", "McDonald". */
  camel: 6,
  /** Letters and digits. */
  digits_lower: 7,
  digits_capital: 8,
  number: 9,
  punctuation: 10,
  emoji: 11,
  url: 12,
  handle: 13,
  address: 14,
  paragraph: 15,
  /** A letter that has no cases. */
  caseless: 16,
} as const;

const of_kind: Readonly<Record<number, number>> = {
  [kind.number]: shape.number,
  [kind.punctuation]: shape.punctuation,
  [kind.emoji]: shape.emoji,
  [kind.url]: shape.url,
  [kind.handle]: shape.handle,
  [kind.address]: shape.address,
  [kind.paragraph]: shape.paragraph,
};

export function shapeOf(tokens: Tokens, token: number): number {
  const what = tokens.kind[token]!;
  if (what !== kind.word) return of_kind[what]!;
  const from = tokens.start[token]!;
  const to = tokens.end[token]!;
  const first = tokens.text.charCodeAt(from);
  if (tokens.has(token, flag.has_digit)) {
    return tokens.has(token, flag.all_capitals | flag.capitalised) ? shape.digits_capital : shape.digits_lower;
  }
  if (tokens.has(token, flag.all_capitals)) return shape.capitals;
  if (isUpper(first)) {
    if (to - from === 1) return shape.one_capital;
    return hasInnerCapital(tokens.text, from, to) ? shape.camel : shape.capitalised;
  }
  if (first >= 0x2e80 && character_classes[first] === character.letter) return shape.caseless;
  return hasInnerCapital(tokens.text, from, to) ? shape.inner_capital : shape.lower;
}

/** The first three ways of writing a word that weigh most: 0 lower, 1 capitalised, 2 all capitals or oddly mixed. */
export function caseOf(shape_of_token: number): number {
  if (shape_of_token === shape.capitalised || shape_of_token === shape.camel) return 1;
  return shape_of_token >= shape.capitals && shape_of_token <= shape.inner_capital ? 2 : 0;
}

const inner_chars_max = 40;

function hasInnerCapital(text: string, from: number, to: number): boolean {
  for (let at = from + 1; at < Math.min(to, from + inner_chars_max); at++)
    if (isUpper(text.charCodeAt(at))) return true;
  return false;
}
