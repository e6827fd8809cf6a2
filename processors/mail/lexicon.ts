import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Valence of a lower-case word, an emoticon or an emoji: −4 (very negative) to 4 (very positive). */
export type Lexicon = ReadonlyMap<string, number>;

const courtesies: ReadonlySet<string> = new Set(['dear', 'please', 'pls']);

/**
 * VADER's lexicon (Hutto & Gilbert 2014), read once at start from the package that carries it: one entry a line, tab-separated:
 * the word, the mean of ten ratings, their deviation, the ratings. Emoji are added; words that are mere courtesy in a
 * mail are left out.
 */
export const lexicon: Lexicon = new Map([...readLexicon(), ...emoji()]);

function* readLexicon(): Generator<[string, number]> {
  const path = createRequire(import.meta.url).resolve('vader-sentiment/vader_lexicon.txt');
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [word, mean] = line.split('\t');
    if (word !== undefined && mean !== undefined && !courtesies.has(word)) yield [word, Number(mean)];
  }
}

function* emoji(): Generator<[string, number]> {
  const valences: readonly [number, string][] = [
    [3, '😍 🥰 😂 🤣 ❤ 💕 💖 💗 💙 💚 💛 💜 🎉 🥳 🏆'],
    [2, '😀 😃 😄 😁 😊 🙂 😎 😇 🤗 😘 👍 👏 🙌 🙏 💪 ✅ ⭐ 🌟 ✨ 🔥 💯 ☺ 😉 😋 🚀'],
    [-1, '😐 😕 🙄 😬 😓 😅 ⚠ 😴'],
    [-2, '😞 😔 😟 🙁 ☹ 😢 😭 😩 😫 😣 😖 😥 😰 😨 😱 😒 👎 💔 ❌'],
    [-3, '😠 😡 🤬 🤮 🤢 🖕 💀'],
  ];
  for (const [valence, symbols] of valences) for (const symbol of symbols.split(' ')) yield [symbol, valence];
}

const booster = 0.293;

/** Degree words: how far they move the valence of a word behind them, away from zero (positive) or towards it. */
export const boosters: Lexicon = new Map<string, number>([
  ...words(`absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous enormously
    entirely especially exceptional exceptionally extreme extremely fabulously flipping frackin fracking fricking frickin
    frigging friggin fully fucking fuckin greatly highly hugely incredible incredibly intensely major majorly more most
    particularly purely quite really remarkably so substantially thoroughly total totally tremendous tremendously uber
    unbelievably unusually utter utterly very`).map((word): [string, number] => [word, booster]),
  ...words(`almost barely hardly kinda kindof kind-of less little marginal marginally occasional occasionally partly
    scarce scarcely slight slightly somewhat sorta sortof sort-of`).map((word): [string, number] => [word, -booster]),
]);

/** Words that negate up to three words behind them; every word with n't in it does too. */
export const negations: ReadonlySet<string> = new Set(
  words(`aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither neednt
    never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent without wont wouldnt rarely seldom
    despite`),
);

/** Phrases whose valence is not their words'. At most `idiom_words_max` words. */
export const idioms: Lexicon = new Map([
  ['the shit', 3],
  ['the bomb', 3],
  ['bad ass', 1.5],
  ['badass', 1.5],
  ['bus stop', 0],
  ['yeah right', -2],
  ['kiss of death', -1.5],
  ['to die for', 3],
  ['beating heart', 3.1],
  ['broken heart', -2.9],
  ['best regards', 0],
  ['kind regards', 0],
  ['warm regards', 0],
  ['best wishes', 0],
  ['good morning', 0],
  ['good afternoon', 0],
  ['good day', 0],
]);

export const idiom_words_max = 3;

function words(list: string): string[] {
  return list.split(/\s+/);
}
