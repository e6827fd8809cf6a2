import { lexicon } from './lexicon.ts';

export interface Sentence {
  /** In the writer's case, without the punctuation around them; emoticons and emoji are words of their own. */
  readonly words: readonly string[];
  readonly exclamations: number;
  readonly questions: number;
}

/** Longer texts are judged by their beginning: it bounds the time a mail can cost, and tone is set early. */
export const text_scanned_chars_max = 16_384;

const emoji_ranges: readonly [number, number][] = [
  [0x2600, 0x27bf],
  [0x2b50, 0x2b55],
  [0x1f300, 0x1faff],
];

/**
 * The sentences of a text, without URLs and @handles. One pass, no regular expression over the whole text, so that no
 * text can make it slow. A sentence ends at `.`, `!`, `?` or `…` before white space, or at an empty line.
 */
export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let open = new OpenSentence();
  const close = (): void => {
    if (!open.isEmpty()) sentences.push(open);
    open = new OpenSentence();
  };
  for (const token of tokensOf(text)) {
    if (token === paragraph) {
      close();
    } else if (!isLinkOrHandle(token)) {
      open.add(token);
      if (endsSentence(token)) close();
    }
  }
  close();
  return sentences;
}

class OpenSentence implements Sentence {
  readonly words: string[] = [];
  exclamations = 0;
  questions = 0;

  isEmpty(): boolean {
    return this.words.length === 0 && this.exclamations === 0 && this.questions === 0;
  }

  add(token: string): void {
    for (let at = 0; at < token.length; at++) {
      const code = token.charCodeAt(at);
      if (code === 0x21) this.exclamations++;
      else if (code === 0x3f) this.questions++;
    }
    for (const part of splitEmoji(token)) {
      const word = lexicon.has(part.toLowerCase()) ? part : stripPunctuation(part);
      if (word !== '') this.words.push(word);
    }
  }
}

const paragraph = '\n';

/** The text between white space, and a `paragraph` for each empty line. */
function* tokensOf(text: string): Generator<string> {
  const end = Math.min(text.length, text_scanned_chars_max);
  let start = -1;
  let newlines = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isSpace(code)) {
      if (start < 0) start = at;
      newlines = 0;
      continue;
    }
    if (start >= 0) {
      yield text.slice(start, at);
      start = -1;
    }
    if (code === 0x0a && ++newlines === 2) yield paragraph;
  }
  if (start >= 0) yield text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0x3000;
}

function isLinkOrHandle(token: string): boolean {
  const bare = token.startsWith('<') || token.startsWith('(') ? token.slice(1) : token;
  if (bare.length < 2) return false;
  return bare.startsWith('@') || bare.startsWith('www.') || bare.slice(0, 12).includes('://');
}

function endsSentence(token: string): boolean {
  let last = token.length - 1;
  while (last > 0 && `"')]”’`.includes(token[last] ?? '')) last--;
  return '.!?…'.includes(token[last] ?? ' ');
}

function splitEmoji(token: string): string[] {
  if (!mayHaveEmoji(token)) return [token];
  const parts: string[] = [];
  let plain = '';
  for (const symbol of token) {
    if (!isEmoji(symbol.codePointAt(0) ?? 0)) {
      plain += symbol;
      continue;
    }
    if (plain !== '') parts.push(plain);
    parts.push(symbol);
    plain = '';
  }
  if (plain !== '') parts.push(plain);
  return parts;
}

function mayHaveEmoji(token: string): boolean {
  for (let at = 0; at < token.length; at++) if (token.charCodeAt(at) >= 0x2600) return true;
  return false;
}

function isEmoji(code: number): boolean {
  return emoji_ranges.some(([first, last]) => code >= first && code <= last);
}

/** Takes punctuation off both ends and writes ’ as ', which the negations are spelled with. */
function stripPunctuation(token: string): string {
  let start = 0;
  let end = token.length;
  while (start < end && isPunctuation(token.charCodeAt(start))) start++;
  while (end > start && isPunctuation(token.charCodeAt(end - 1))) end--;
  return token.slice(start, end).replaceAll('’', "'");
}

function isPunctuation(code: number): boolean {
  if (code < 0x80) return !isAlphanumeric(code);
  return (code >= 0x2010 && code <= 0x2027) || code === 0xab || code === 0xbb || code === 0xfe0f || code === 0x200d;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
