/** A text cut into words as the reference implementation of VADER cuts it, without a string a word. */
import { lower_case } from '../characters.ts';
import { hash_start, hashMore } from '../hash.ts';
import { text_read_chars_max } from '../tokens.ts';
import { boosters, HashTable, negations, readEmojiNames, readLexicon, wordHash } from './lexicon.ts';

export interface Departures {
  /** Reads ’ as ', so that "don’t" negates. */
  readonly curly_apostrophes?: boolean;
  /** Words that are in no lexicon here. */
  readonly without?: readonly string[];
}

/** What is known of a word that is not just any word. Place 0 is every other word. */
export class WordInfo {
  readonly in_lexicon: Uint8Array;
  readonly valence: Float64Array;
  readonly booster: Float64Array;
  readonly negates: Uint8Array;
  private readonly ids: HashTable;

  constructor(lexicon: ReadonlyMap<string, number>, special: readonly string[]) {
    const lower = [...lexicon].filter(([word]) => word === word.toLowerCase());
    const words = [...new Set([...special, ...lower.map(([word]) => word), ...boosters.keys(), ...negations])];
    this.ids = new HashTable(words.length);
    this.in_lexicon = new Uint8Array(words.length + 1);
    this.valence = new Float64Array(words.length + 1);
    this.booster = new Float64Array(words.length + 1);
    this.negates = new Uint8Array(words.length + 1);
    words.forEach((word, at) => {
      this.ids.set(wordHash(word), at + 1);
      this.in_lexicon[at + 1] = lexicon.has(word) ? 1 : 0;
      this.valence[at + 1] = lexicon.get(word) ?? 0;
      this.booster[at + 1] = boosters.get(word) ?? 0;
      this.negates[at + 1] = negations.has(word) ? 1 : 0;
    });
  }

  idOf(hash: number): number {
    return this.ids.get(hash);
  }
}

const emoji_names = readEmojiNames();

/** As little as this is kept with its marks. */
const emoticon_chars_max = 2;

/** The words of a text. Arrays are valid up to `count`, until the next `read`. */
export class VaderWords {
  count = 0;
  exclamations = 0;
  questions = 0;
  /** Some words are all capitals, and some are not. */
  capitals_differ = false;
  readonly hash = new Int32Array(text_read_chars_max);
  /** In the `WordInfo`; 0 where nothing is known. */
  readonly id = new Int32Array(text_read_chars_max);
  readonly upper = new Uint8Array(text_read_chars_max);
  readonly negates = new Uint8Array(text_read_chars_max);
  /** Words that are all capitals. */
  private capitals = 0;
  private readonly info: WordInfo;
  private readonly apostrophe: number;

  constructor(special: readonly string[], { curly_apostrophes = false, without = [] }: Departures = {}) {
    const left_out = new Set(without);
    this.info = new WordInfo(new Map([...readLexicon()].filter(([word]) => !left_out.has(word))), special);
    this.apostrophe = curly_apostrophes ? 0x27 : 0x2019;
  }

  get known(): WordInfo {
    return this.info;
  }

  /** Reads the text from `from` to before `to`, at most `text_read_chars_max` words of it. */
  read(text: string, from: number, to: number): void {
    if (this.split(text, from, to)) {
      const named = nameEmoji(text.slice(from, to));
      this.split(named, 0, named.length);
    }
    this.capitals_differ = this.capitals > 0 && this.capitals < this.count;
  }

  /** Returns whether there may be emoji, for which the text has to be read again, named. */
  private split(text: string, from: number, to: number): boolean {
    this.count = this.capitals = this.exclamations = this.questions = 0;
    let emoji = false;
    for (let at = from; at < to; ) {
      if (isSpace(text.charCodeAt(at))) {
        at++;
        continue;
      }
      const start = at;
      at = this.readPlain(text, start, to);
      if (at > start) continue;
      for (; at < to; at++) {
        const code = text.charCodeAt(at);
        if (isSpace(code)) break;
        this.countMark(code);
        if (code >= 0xa9 && (code >= 0x203c || code === 0xa9 || code === 0xae)) emoji = true;
      }
      this.addWord(text, start, at);
    }
    return emoji;
  }

  /**
   * Nearly every word, in one pass: letters of ASCII with nothing or marks behind them. Returns where it ends, or `from` for a word that
   * is not like that.
   */
  private readPlain(text: string, from: number, to: number): number {
    let hash = hash_start;
    let cased = 0;
    let at = from;
    for (; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x61 && code <= 0x7a) {
        cased |= 2;
        hash = hashMore(hash, code);
      } else if (code >= 0x41 && code <= 0x5a) {
        cased |= 1;
        hash = hashMore(hash, code | 0x20);
      } else break;
    }
    const letters_end = at;
    while (at < to && isMark(text.charCodeAt(at))) at++;
    if (at < to && !isSpace(text.charCodeAt(at))) return from;
    if (at > letters_end && letters_end - from <= emoticon_chars_max) return from;
    for (let mark = letters_end; mark < at; mark++) this.countMark(text.charCodeAt(mark));
    this.add(hash, cased, false);
    return at;
  }

  private countMark(code: number): void {
    if (code === 0x21) this.exclamations++;
    else if (code === 0x3f) this.questions++;
  }

  /** Without the marks at its ends, unless hardly anything would be left: then it is likely an emoticon. */
  private addWord(text: string, from: number, to: number): void {
    let [start, end] = [from, to];
    while (start < end && isMark(text.charCodeAt(start))) start++;
    while (end > start && isMark(text.charCodeAt(end - 1))) end--;
    if (end - start <= 4 && charactersIn(text, start, end) <= emoticon_chars_max) [start, end] = [from, to];
    let hash = hash_start;
    let cased = 0;
    let negated = false;
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at);
      // Nearly every character; what follows says the same of it.
      if (code >= 0x61 && code <= 0x7a) {
        cased |= 2;
        hash = hashMore(hash, code);
        if (code === 0x74) negated ||= isNegation(text, at, start, this.apostrophe);
        continue;
      }
      const lower = code === 0x2019 || code === 0x2018 ? (code === 0x2019 ? this.apostrophe : code) : lower_case[code]!;
      if (lower !== code && code !== 0x2019) cased |= 1;
      else if (isLower(code)) cased |= 2;
      hash = hashMore(hash, lower);
      negated ||= lower === 0x74 && isNegation(text, at, start, this.apostrophe);
    }
    this.add(hash, cased, negated);
  }

  private add(hash: number, cased: number, negated: boolean): void {
    if (this.count === this.hash.length) return;
    const at = this.count++;
    const id = this.info.idOf(hash);
    this.hash[at] = hash;
    this.id[at] = id;
    const upper = cased === 1 ? 1 : 0;
    this.upper[at] = upper;
    this.capitals += upper;
    this.negates[at] = negated || this.info.negates[id] === 1 ? 1 : 0;
  }
}

/** The `t` at `at` ends an n't. */
function isNegation(text: string, at: number, start: number, apostrophe: number): boolean {
  if (at - start < 2 || (text.charCodeAt(at - 2) | 0x20) !== 0x6e) return false;
  const code = text.charCodeAt(at - 1);
  return code === 0x27 || (code === 0x2019 && apostrophe === 0x27);
}

function isLower(code: number): boolean {
  if (code < 0x80) return code >= 0x61 && code <= 0x7a;
  return code >= 0xaa && /^\p{Lowercase}$/u.test(String.fromCharCode(code));
}

function charactersIn(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** ASCII's punctuation and symbols. */
function isMark(code: number): boolean {
  if (code < 0x21 || code > 0x7e) return false;
  return code < 0x30 || (code > 0x39 && code < 0x41) || (code > 0x5a && code < 0x61) || code > 0x7a;
}

/** What Python's `split` splits at. */
function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  if (code < 0x85) return false;
  if (code === 0x85 || code === 0xa0 || code === 0x1680 || code === 0x3000) return true;
  return (code >= 0x2000 && code <= 0x200a) || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f;
}

/** The text with the name of each emoji in its place, a space before it where there was none. */
function nameEmoji(text: string): string {
  let named = '';
  let after_space = true;
  for (const character of text) {
    const name = emoji_names.get(character.codePointAt(0) ?? 0);
    if (name !== undefined && !after_space) named += ' ';
    named += name ?? character;
    after_space = name === undefined && character === ' ';
  }
  return named;
}
