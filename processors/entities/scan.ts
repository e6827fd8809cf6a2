/** What the finders of one text share: its tokens and small questions about them. */
import { flag, hashOf, kind, type Tokens } from '../text/tokens.ts';

export function hashes(words: string): ReadonlySet<number> {
  return new Set(words.split(' ').map(hashOf));
}

export function isOne(tokens: Tokens, token: number, words: ReadonlySet<number>): boolean {
  return token >= 0 && token < tokens.count && words.has(tokens.hash[token]!);
}

export function isNumber(tokens: Tokens, token: number): boolean {
  return token >= 0 && token < tokens.count && tokens.kind[token] === kind.number;
}

/** The token is this mark, once. */
export function isMark(tokens: Tokens, token: number, mark: string): boolean {
  if (token < 0 || token >= tokens.count || tokens.kind[token] !== kind.punctuation) return false;
  return tokens.end[token]! - tokens.start[token]! === 1 && tokens.text.charAt(tokens.start[token]!) === mark;
}

/** The tokens stand side by side, nothing between. */
export function touches(tokens: Tokens, token: number): boolean {
  return token > 0 && token < tokens.count && tokens.start[token] === tokens.end[token - 1];
}

/** Nothing but white space on the same line lies between the token and the one before. */
export function isNear(tokens: Tokens, token: number): boolean {
  return isClose(tokens, token) && !tokens.has(token, flag.line_start);
}

/** The same, or the token begins the next line: what a number is called may stand above it. */
export function isClose(tokens: Tokens, token: number): boolean {
  if (token <= 0 || token >= tokens.count || tokens.kind[token] === kind.paragraph) return false;
  const gap = tokens.start[token]! - tokens.end[token - 1]!;
  return gap <= 2 && tokens.kind[token - 1] !== kind.paragraph;
}

/** What stands from the token to the end of `last`, so many characters of it at most. */
export function textAt(tokens: Tokens, token: number, chars_max: number, last = token): string {
  const start = tokens.start[token]!;
  return tokens.text.slice(start, Math.min(tokens.end[last]!, start + chars_max));
}

export function digitsIn(tokens: Tokens, token: number): number {
  let digits = 0;
  const end = Math.min(tokens.end[token]!, tokens.start[token]! + 40);
  for (let at = tokens.start[token]!; at < end; at++) {
    const code = tokens.text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) digits++;
  }
  return digits;
}
