/**
 * One pass over a text for every model that reads it: where its words, numbers, marks, addresses and sentences are, as
 * numbers in arrays that are used again for the next text. Nothing is allocated a token; whoever needs a word as a string slices it.
 */
import { character, character_classes, isApostrophe, isUpper, lower_case } from './characters.ts';
import { emojiEnd, emoticonEnd, modifierUnits } from './emoticons.ts';
import { hash_start, hashMore } from './hash.ts';

/** Longer texts are judged by their beginning, which bounds the time one can cost. UTF-16 code units. */
export const text_read_chars_max = 16_384;

export const kind = {
  word: 1,
  /** Digits with inner `.`, `,`, `:`, `/`, `-`: a count, a sum, a time, a date. `3pm` is a word with `has_digit`. */
  number: 2,
  /** The same mark any number of times, or any mixture of `!` and `?`. */
  punctuation: 3,
  /** An emoji with what modifies it, or an emoticon such as `:-)`. */
  emoji: 4,
  url: 5,
  /** `@name`. */
  handle: 6,
  /** `name@host`. */
  address: 7,
  /** An empty line. */
  paragraph: 8,
} as const;

export const flag = {
  /** The first letter is a capital, another is not, or there is no other. */
  capitalised: 1,
  /** Two letters or more, all capitals. */
  all_capitals: 2,
  has_digit: 4,
  /** White space, or the text's beginning, before it. */
  space_before: 8,
  /** The same letter three times in a row: "sooo". */
  elongated: 16,
  line_start: 32,
  /** Behind a `#`, which is a token of its own. */
  hashtag: 64,
  apostrophe: 128,
} as const;

/** What stands in a text. Token i is `text.slice(start[i], end[i])`; arrays are valid up to `count`, until the next `read`. */
export class Tokens {
  text = '';
  count = 0;
  readonly start = new Int32Array(text_read_chars_max + 1);
  readonly end = new Int32Array(text_read_chars_max + 1);
  /** Of the lower-cased token (`hashOf`), letters repeated more than twice counting twice. */
  readonly hash = new Int32Array(text_read_chars_max + 1);
  readonly kind = new Uint8Array(text_read_chars_max + 1);
  readonly flags = new Uint8Array(text_read_chars_max + 1);
  /** Sentence s is the tokens from `sentence_start[s]` to before `sentence_start[s + 1]`; the last entry is `count`. */
  readonly sentence_start = new Int32Array(text_read_chars_max + 2);
  sentences = 0;

  /** Reads a text, whose first `text_read_chars_max` characters count. Time and memory are linear in those. */
  read(text: string): this {
    this.text = text;
    this.count = 0;
    this.sentences = 0;
    const end = Math.min(text.length, text_read_chars_max);
    let newlines = 1;
    let space = true;
    for (let at = 0; at < end; ) {
      const code = text.charCodeAt(at);
      const group = character_classes[code]!;
      if (group === character.space || group === character.other) {
        space ||= group === character.space;
        at++;
      } else if (group === character.newline) {
        if (++newlines === 2 && this.count > 0) this.paragraphBreak(at);
        space = true;
        at++;
      } else {
        this.flags[this.count] = (space ? flag.space_before : 0) | (newlines > 0 ? flag.line_start : 0);
        at = this.readToken(at, end, code, group);
        space = false;
        newlines = 0;
      }
    }
    this.markSentences(end);
    return this;
  }

  /** The token as written. */
  textOf(token: number): string {
    return this.text.slice(this.start[token], this.end[token]);
  }

  has(token: number, flags: number): boolean {
    return (this.flags[token]! & flags) !== 0;
  }

  private readToken(at: number, end: number, code: number, group: number): number {
    if (group === character.letter || group === character.digit) return this.readWord(at, end);
    if (code === 0x40 && isWordAt(this.text, at + 1, end)) return this.readHandle(at, end);
    const emoji =
      group === character.punctuation ? emoticonEnd(this.text, at, end) : emojiEnd(this.text, at, end, group);
    if (emoji > at) return this.add(kind.emoji, at, emoji, this.emojiHash(at, emoji));
    return this.readPunctuation(at, end, code);
  }

  private readWord(from: number, end: number): number {
    const { text } = this;
    let hash = hash_start;
    let capitals = 0;
    let letters = 0;
    let digits = 0;
    let flags = 0;
    let before = 0;
    let repeated = 0;
    let at = from;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      // Nearly every character; what follows says the same of it.
      if (code >= 0x61 && code <= 0x7a) {
        letters++;
        repeated = code === before ? repeated + 1 : 0;
        before = code;
        if (repeated > 1) flags |= flag.elongated;
        else hash = hashMore(hash, code);
        continue;
      }
      if (code === 0x20) break;
      const group = character_classes[code]!;
      if (group === character.letter) {
        letters++;
        if (isUpper(code)) capitals++;
      } else if (group === character.digit) digits++;
      else if (isApostrophe(code) && letters > 0 && isWordAt(text, at + 1, end)) flags |= flag.apostrophe;
      else if (!(digits > 0 && letters === 0 && isInNumber(code) && isDigitAt(text, at + 1, end))) break;
      const lower = lower_case[code]!;
      repeated = lower === before ? repeated + 1 : 0;
      before = lower;
      if (repeated > 1 && group === character.letter) flags |= flag.elongated;
      else hash = hashMore(hash, lower);
    }
    const address = this.addressEnd(at, end);
    if (address > at) return address;
    if (isUrlAt(text, from, at, end)) return this.readUrl(from, end);
    if (digits > 0) flags |= flag.has_digit;
    if (capitals > 1 && capitals === letters) flags |= flag.all_capitals;
    else if (capitals > 0 && isUpper(text.charCodeAt(from))) flags |= flag.capitalised;
    if (this.isHashtag(from)) flags |= flag.hashtag;
    this.flags[this.count]! |= flags;
    return this.add(letters > 0 ? kind.word : kind.number, from, at, hash);
  }

  private readPunctuation(from: number, end: number, code: number): number {
    const emphasis = code === 0x21 || code === 0x3f;
    let at = from + 1;
    for (; at < end; at++) {
      const next = this.text.charCodeAt(at);
      if (next !== code && !(emphasis && (next === 0x21 || next === 0x3f))) break;
    }
    return this.add(kind.punctuation, from, at, this.hashOf(from, Math.min(at, from + 2)));
  }

  private readHandle(from: number, end: number): number {
    let at = from + 1;
    while (at < end && isWordAt(this.text, at, end)) at++;
    return this.add(kind.handle, from, at, this.hashOf(from, at));
  }

  private readUrl(from: number, end: number): number {
    let at = from;
    while (at < end && isInUrl(this.text.charCodeAt(at))) at++;
    while (at > from + 1 && isTrailing(this.text.charCodeAt(at - 1))) at--;
    return this.add(kind.url, from, at, this.hashOf(from, Math.min(at, from + url_hashed_chars_max)));
  }

  /** The end of the mail address whose name ends at `at`, before an `@`; the tokens of the name become one. Else `at`. */
  private addressEnd(at: number, end: number): number {
    const { text } = this;
    if (text.charCodeAt(at) !== 0x40 || !isWordAt(text, at + 1, end)) return at;
    let host = at + 1;
    while (
      host < end &&
      (isWordAt(text, host, end) || (isInHost(text.charCodeAt(host)) && isWordAt(text, host + 1, end)))
    )
      host++;
    let from = at;
    while (from > 0 && at - from < address_name_chars_max && isInName(text.charCodeAt(from - 1))) from--;
    while (this.count > 0 && this.start[this.count - 1]! >= from && this.kind[this.count - 1] !== kind.paragraph)
      this.count--;
    if (this.count > 0) from = Math.max(from, this.end[this.count - 1]!);
    return this.add(kind.address, from, host, this.hashOf(from, host));
  }

  private isHashtag(from: number): boolean {
    return from > 0 && this.text.charCodeAt(from - 1) === 0x23 && this.count > 0;
  }

  private paragraphBreak(at: number): void {
    if (this.kind[this.count - 1] === kind.paragraph) return;
    this.flags[this.count] = 0;
    this.add(kind.paragraph, at, at + 1, 0);
  }

  private hashOf(from: number, to: number): number {
    let hash = hash_start;
    for (let at = from; at < to; at++) hash = hashMore(hash, lower_case[this.text.charCodeAt(at)]!);
    return hash;
  }

  /** Whatever its skin tone, an emoji means the same. */
  private emojiHash(from: number, to: number): number {
    let hash = hash_start;
    for (let at = from; at < to; ) {
      const units = modifierUnits(this.text, at);
      if (units === 0) hash = hashMore(hash, lower_case[this.text.charCodeAt(at)]!);
      at += units || 1;
    }
    return hash;
  }

  private add(what: number, from: number, to: number, hash: number): number {
    const at = this.count++;
    this.start[at] = from;
    this.end[at] = to;
    this.hash[at] = hash;
    this.kind[at] = what;
    return to;
  }

  /** A sentence ends at an empty line, and at `.`, `!`, `?` or `…` before white space, closing marks between them allowed. */
  private markSentences(end: number): void {
    let ended = true;
    for (let at = 0; at < this.count; at++) {
      if (this.kind[at] === kind.paragraph) {
        ended = true;
        continue;
      }
      if (ended && !this.isClosing(at)) {
        this.sentence_start[this.sentences++] = at;
        ended = false;
      }
      if (this.isTerminal(at) && (this.isClosing(at + 1) || this.opensSentence(at + 1, end))) ended = true;
    }
    this.sentence_start[this.sentences] = this.count;
  }

  private isTerminal(token: number): boolean {
    if (this.kind[token] !== kind.punctuation) return false;
    const code = this.text.charCodeAt(this.start[token]!);
    if (code === 0x21 || code === 0x3f || code === 0x2026 || code === 0x3002) return true;
    return code === 0x2e && !this.isAbbreviated(token);
  }

  /** A full stop behind a single letter ("J. Smith", "e.g.") ends no sentence. */
  private isAbbreviated(token: number): boolean {
    if (token === 0 || this.end[token]! - this.start[token]! > 1) return false;
    const before = token - 1;
    if (this.kind[before] !== kind.word || this.has(token, flag.space_before)) return false;
    const length = this.end[before]! - this.start[before]!;
    return (
      (length === 1 && lower_case[this.text.charCodeAt(this.start[before]!)] !== 0x69) ||
      abbreviations.has(this.hash[before]!)
    );
  }

  private isClosing(token: number): boolean {
    if (token >= this.count || this.kind[token] !== kind.punctuation || this.has(token, flag.space_before))
      return false;
    return `"')]”’»`.includes(this.text.charAt(this.start[token]!));
  }

  /** White space before it, and it is no word in lower case behind a single full stop. */
  private opensSentence(token: number, end: number): boolean {
    if (token >= this.count) return this.end[token - 1]! <= end;
    if (!this.has(token, flag.space_before)) return false;
    const first = this.text.charCodeAt(this.start[token]!);
    const lower = first >= 0x61 && first <= 0x7a;
    return !(lower && this.text.charCodeAt(this.start[token - 1]!) === 0x2e && this.isTitleBefore(token - 1));
  }

  private isTitleBefore(token: number): boolean {
    return token > 0 && this.end[token - 1]! - this.start[token - 1]! <= 2;
  }
}

const url_hashed_chars_max = 64;
const address_name_chars_max = 64;

const abbreviations: ReadonlySet<number> = new Set(
  'mr mrs ms dr prof st inc ltd co corp vs approx dept tel fax ext jan feb mar apr jun jul aug sep sept oct nov dec'
    .split(' ')
    .map(hashOf),
);

/** The hash that a token with these characters has. Lower case and repeated letters are treated alike. */
export function hashOf(word: string): number {
  return hashOfPart(word, 0, word.length);
}

/** The same of the characters from `from` to before `to`. */
export function hashOfPart(text: string, from: number, to: number): number {
  let hash = hash_start;
  let before = 0;
  let repeated = 0;
  for (let at = from; at < to; at++) {
    const lower = lower_case[text.charCodeAt(at)]!;
    repeated = lower === before ? repeated + 1 : 0;
    before = lower;
    if (repeated < 2 || character_classes[lower] !== character.letter) hash = hashMore(hash, lower);
  }
  return hash;
}

function isWordAt(text: string, at: number, end: number): boolean {
  if (at >= end) return false;
  const group = character_classes[text.charCodeAt(at)]!;
  return group === character.letter || group === character.digit;
}

function isDigitAt(text: string, at: number, end: number): boolean {
  return at < end && character_classes[text.charCodeAt(at)] === character.digit;
}

/** `.`, `,`, `:`, `/` and `-`. */
function isInNumber(code: number): boolean {
  return (code >= 0x2c && code <= 0x2f) || code === 0x3a;
}

/** The word from `from` to `at` is the scheme of a URL, or `www`. */
function isUrlAt(text: string, from: number, at: number, end: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 0x3a) {
    if (at - from > 12 || at + 2 >= end) return false;
    if (text.charCodeAt(at + 1) === 0x2f) return text.charCodeAt(at + 2) === 0x2f;
    return at - from === 6 && text.slice(from, at).toLowerCase() === 'mailto';
  }
  return (
    code === 0x2e &&
    at - from === 3 &&
    (text.charCodeAt(from) | 0x20) === 0x77 &&
    isWww(text, from) &&
    isWordAt(text, at + 1, end)
  );
}

function isWww(text: string, from: number): boolean {
  return (text.charCodeAt(from + 1) | 0x20) === 0x77 && (text.charCodeAt(from + 2) | 0x20) === 0x77;
}

function isInUrl(code: number): boolean {
  const group = character_classes[code]!;
  if (group === character.space || group === character.newline) return false;
  return code !== 0x3c && code !== 0x3e && code !== 0x22 && code !== 0x201d;
}

/** Marks at a URL's end that belong to the sentence around it. */
function isTrailing(code: number): boolean {
  return `.,;:!?)]}'*’…`.includes(String.fromCharCode(code));
}

function isInHost(code: number): boolean {
  return code === 0x2e || code === 0x2d;
}

/** What the name of a mail address is commonly made of. */
function isInName(code: number): boolean {
  const group = character_classes[code]!;
  if (group === character.letter || group === character.digit) return true;
  return code === 0x2e || code === 0x2d || code === 0x2b || code === 0x27;
}
