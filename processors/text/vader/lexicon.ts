/** What VADER (Hutto & Gilbert, ICWSM 2014) knows of words and emoji, as its reference implementation 3.3.2 does. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { lower_case } from '../characters.ts';
import { hash_start, hashMore } from '../hash.ts';

const require = createRequire(import.meta.url);

/** Entries that the reference has and the package's older list has not. */
const later_entries: readonly [string, number][] = [
  ['heart', 3.2],
  ['hearts', 3.3],
  ['badass', 1.4],
  ['flawed', -2.1],
];

/** Valence of a word or an emoticon in lower case, −4 (very negative) to 4 (very positive): the mean of ten ratings. */
export function readLexicon(): ReadonlyMap<string, number> {
  const lexicon = new Map<string, number>();
  const text = readFileSync(require.resolve('vader-sentiment/vader_lexicon.txt'), 'utf8');
  for (const line of text.split('\n')) {
    const [word, mean] = line.trim().split('\t');
    if (word !== undefined && mean !== undefined) lexicon.set(word, Number(mean));
  }
  for (const [word, mean] of later_entries) lexicon.set(word, mean);
  return lexicon;
}

/** Names that Unicode has since changed; the reference goes by these. */
const older_names: Readonly<Record<string, string>> = {
  '🏻': 'light skin tone',
  '🏼': 'medium-light skin tone',
  '🏽': 'medium skin tone',
  '🏾': 'medium-dark skin tone',
  '🏿': 'dark skin tone',
  '🧑': 'adult',
  '🧓': 'older adult',
  '🧔': 'bearded person',
  '👱': 'blond-haired person',
  '👫': 'man and woman holding hands',
  '👬': 'two men holding hands',
  '👭': 'two women holding hands',
  '🦰': 'red-haired',
  '🦱': 'curly-haired',
  '🦳': 'white-haired',
  '🎒': 'school backpack',
  '🥿': 'woman’s flat shoe',
  '🧱': 'bricks',
};

/** The name of each emoji that is one character, which stands for it in the text that is scored. */
export function readEmojiNames(): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const entries = require('emoji.json/emoji.json') as readonly { readonly char: string; readonly name: string }[];
  for (const { char, name } of [...entries, ...Object.entries(older_names).map(([char, name]) => ({ char, name }))]) {
    const code = char.codePointAt(0) ?? 0;
    if (char.replace('\ufe0f', '') === String.fromCodePoint(code)) names.set(code, name);
  }
  return names;
}

const booster = 0.293;

/** Degree words: how far they move the valence of a word behind them, away from zero (positive) or towards it. */
export const boosters: ReadonlyMap<string, number> = new Map<string, number>([
  ...words(`absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous enormously
    entirely especially exceptional exceptionally extreme extremely fabulously flipping flippin frackin fracking fricking
    frickin frigging friggin fully fuckin fucking fuggin fugging greatly hella highly hugely incredible incredibly
    intensely major majorly more most particularly purely quite really remarkably so substantially thoroughly total totally
    tremendous tremendously uber unbelievably unusually utter utterly very`).map((word): [string, number] => [
    word,
    booster,
  ]),
  ...words(`almost barely hardly kinda kindof kind-of less little marginal marginally occasional occasionally partly
    scarce scarcely slight slightly somewhat sorta sortof sort-of`).map((word): [string, number] => [word, -booster]),
]);

/** Pairs of words that damp like a degree word. */
export const booster_pairs: ReadonlyMap<string, number> = new Map([
  ['just enough', -booster],
  ['kind of', -booster],
  ['sort of', -booster],
]);

/** Words that negate up to three words behind them; every word with n't in it does too. */
export const negations: ReadonlySet<string> = new Set(
  words(`aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither neednt
    never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh uh-uh wasnt werent without wont wouldnt rarely
    seldom despite`),
);

/** Phrases whose valence is not their words'. */
export const idioms: ReadonlyMap<string, number> = new Map([
  ['the shit', 3],
  ['the bomb', 3],
  ['bad ass', 1.5],
  ['badass', 1.5],
  ['bus stop', 0],
  ['yeah right', -2],
  ['kiss of death', -1.5],
  ['to die for', 3],
  ['beating heart', 3.5],
]);

function words(list: string): string[] {
  return list.split(/\s+/);
}

/** The hash of a word in lower case, every letter counting, as `WordTable` keys it. */
export function wordHash(word: string): number {
  let hash = hash_start;
  for (let at = 0; at < word.length; at++) hash = hashMore(hash, lower_case[word.charCodeAt(at)]!);
  return hash;
}

/** Numbers by a 32-bit hash, by open addressing; a look-up costs a step or two and no string. */
export class HashTable {
  private readonly keys: Int32Array;
  private readonly ids: Int32Array;
  private readonly mask: number;

  /** Room for `entries` keys. */
  constructor(entries: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * entries + 1));
    this.keys = new Int32Array(size);
    this.ids = new Int32Array(size);
    this.mask = size - 1;
  }

  /** `id` is 1 or more. */
  set(hash: number, id: number): void {
    const slot = this.slot(hash);
    this.ids[slot] = id;
    this.keys[slot] = hash;
  }

  /** The id, or 0. */
  get(hash: number): number {
    return this.ids[this.slot(hash)]!;
  }

  private slot(hash: number): number {
    let at = (hash ^ (hash >>> 15)) & this.mask;
    while (this.ids[at] !== 0 && this.keys[at] !== hash) at = (at + 1) & this.mask;
    return at;
  }
}
