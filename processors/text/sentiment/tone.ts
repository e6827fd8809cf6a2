/** The few named features of a text's tone: VADER's scores of the whole and of its parts, and how it is emphasised. */
import { flag, hashOf, kind, type Tokens } from '../tokens.ts';
import { Vader } from '../vader/vader.ts';
import type { Terms } from './terms.ts';

export const tone_names = [
  'compound',
  'positive',
  'negative',
  'charged',
  'root_positive',
  'root_negative',
  'is_positive',
  'is_negative',
  'most_positive',
  'most_negative',
  'compound_first',
  'compound_last',
  'has_but',
  'after_but',
  'emphasis_positive',
  'emphasis_negative',
  'exclamations',
  'questions',
  'ellipses',
  'quotes',
  'capitals',
  'elongated',
  'emoticons',
  'links',
  'handles',
  'hashtags',
  'numbers',
  'negated',
  'length',
  'short',
] as const;

/** Place of each feature in `ToneReader.values`. */
const place = Object.fromEntries(tone_names.map((name, at) => [name, at])) as Record<
  (typeof tone_names)[number],
  number
>;

/** VADER's own limit between a neutral and a charged text. */
const charged_min = 0.05;
const valence_max = 4;
const short_words_max = 4;
const but = hashOf('but');

/** Reads one stretch after another. */
export class ToneReader {
  /** In the order of `tone_names`, about −1 to 1 each. */
  readonly values = new Float64Array(tone_names.length);
  /** VADER's compound score of the stretch, −1 to 1. */
  compound = 0;
  private readonly vader = new Vader({ curly_apostrophes: true });

  /** The tokens from `from` to before `to`, of which `terms` are the terms. */
  read(tokens: Tokens, from: number, to: number, terms: Terms): void {
    this.values.fill(0);
    this.compound = 0;
    if (to <= from) return;
    this.readMarks(tokens, from, to, terms);
    this.readValence(tokens, from, to);
  }

  private readValence(tokens: Tokens, from: number, to: number): void {
    const { values, vader } = this;
    const start = tokens.start[from]!;
    const end = tokens.end[to - 1]!;
    const { compound, positive, negative, neutral, words } = vader.score(tokens.text, start, end);
    this.compound = compound;
    values[place.compound] = compound;
    values[place.positive] = positive;
    values[place.negative] = negative;
    values[place.charged] = words.count === 0 ? 0 : 1 - neutral;
    values[place.root_positive] = Math.sqrt(positive);
    values[place.root_negative] = Math.sqrt(Math.max(0, negative));
    values[place.is_positive] = compound > charged_min ? 1 : 0;
    values[place.is_negative] = compound < -charged_min ? 1 : 0;
    let [most, least] = [0, 0];
    for (let at = 0; at < words.count; at++) {
      const valence = vader.valence[at]!;
      if (valence > most) most = valence;
      else if (valence < least) least = valence;
    }
    values[place.most_positive] = most / valence_max;
    values[place.most_negative] = least / valence_max;
    if (values[place.exclamations]! > 0 && compound !== 0) {
      values[compound > 0 ? place.emphasis_positive : place.emphasis_negative] = 1;
    }
    this.readParts(tokens, from, to);
  }

  /** The first and the last sentence, and what comes after the last "but". */
  private readParts(tokens: Tokens, from: number, to: number): void {
    const { values, vader, compound } = this;
    const start = tokens.start[from]!;
    const end = tokens.end[to - 1]!;
    const [second, last] = edges(tokens, from, to);
    const parted = last > from;
    values[place.compound_first] = parted
      ? vader.score(tokens.text, start, tokens.end[second - 1]!).compound
      : compound;
    values[place.compound_last] = parted ? vader.score(tokens.text, tokens.start[last]!, end).compound : compound;
    for (let at = to - 2; at >= from; at--) {
      if (tokens.hash[at] !== but || tokens.kind[at] !== kind.word) continue;
      values[place.has_but] = 1;
      values[place.after_but] = vader.score(tokens.text, tokens.start[at + 1]!, end).compound;
      return;
    }
  }

  private readMarks(tokens: Tokens, from: number, to: number, terms: Terms): void {
    const { values } = this;
    for (let at = from; at < to; at++) {
      const what = tokens.kind[at]!;
      if (what === kind.word) this.countWord(tokens.flags[at]!);
      else if (what === kind.punctuation)
        this.countMark(tokens.text.charCodeAt(tokens.start[at]!), tokens.end[at]! - tokens.start[at]!);
      else if (what === kind.emoji) values[place.emoticons]!++;
      else if (what === kind.url) values[place.links]!++;
      else if (what === kind.handle || what === kind.address) values[place.handles]!++;
      else if (what === kind.number) values[place.numbers]!++;
    }
    for (let at = 0; at < terms.count; at++) values[place.negated]! += terms.negated[at]!;
    for (let at = 0; at < capped.length; at++) {
      // Not taken apart: that would cost an iterator each, in every sentence.
      const cap = capped[at]!;
      values[cap.feature] = Math.min(values[cap.feature]!, cap.most) / cap.most;
    }
    values[place.capitals] = terms.words === 0 ? 0 : values[place.capitals]! / terms.words;
    values[place.length] = Math.min(1, Math.log2(1 + terms.words) / 6);
    values[place.short] = terms.words <= short_words_max ? 1 : 0;
  }

  private countWord(flags: number): void {
    if ((flags & (flag.all_capitals | flag.elongated | flag.hashtag)) === 0) return;
    if (flags & flag.all_capitals) this.values[place.capitals]!++;
    if (flags & flag.elongated) this.values[place.elongated]!++;
    if (flags & flag.hashtag) this.values[place.hashtags]!++;
  }

  private countMark(code: number, length: number): void {
    if (code === 0x21) this.values[place.exclamations]! += length;
    else if (code === 0x3f) this.values[place.questions]! += length;
    else if (code === 0x2026 || (code === 0x2e && length > 1)) this.values[place.ellipses]!++;
    else if (code === 0x22) this.values[place.quotes]!++;
  }
}

/** Counts from here on say nothing more. */
const capped: readonly { readonly feature: number; readonly most: number }[] = [
  { feature: place.exclamations, most: 4 },
  { feature: place.questions, most: 3 },
  { feature: place.ellipses, most: 3 },
  { feature: place.quotes, most: 2 },
  { feature: place.elongated, most: 2 },
  { feature: place.emoticons, most: 3 },
  { feature: place.links, most: 2 },
  { feature: place.handles, most: 3 },
  { feature: place.hashtags, most: 4 },
  { feature: place.numbers, most: 3 },
  { feature: place.negated, most: 8 },
];

/** Where the second sentence and where the last one begins. */
function edges(tokens: Tokens, from: number, to: number): [second: number, last: number] {
  let [second, last] = [to, from];
  let low = 0;
  let high = tokens.sentences;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens.sentence_start[middle]! <= from) low = middle + 1;
    else high = middle;
  }
  if (low < tokens.sentences && tokens.sentence_start[low]! < to) second = tokens.sentence_start[low]!;
  for (let s = low; s < tokens.sentences && tokens.sentence_start[s]! < to; s++) last = tokens.sentence_start[s]!;
  return [second, last];
}
