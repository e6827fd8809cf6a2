import { kind, Tokens } from '../text/tokens.ts';

/** A longer mail has more to say than thanks, or a signature that nobody can tell from it. */
const words_max = 30;
/** Thanks that come later are a courtesy at the end. */
const opening_words = 10;

/**
 * Whether a mail thanks, or says that all is well, and asks nothing: at most 30 words, one of thanks among the first ten, no question
 * mark and no word that one asks or objects with. What it misses waits for an answer, which is seen; what it takes too much does
 * not, so every doubtful word speaks against it. English, German, French, Spanish, Italian and Portuguese.
 */
export function isClosing(text: string): boolean {
  const words = wordsOf(text);
  if (words === null || words.length > words_max) return false;
  if (!words.slice(0, opening_words).some(word => thanks.has(word))) return false;
  return !words.some(
    (word, at) =>
      isAsking(word) && !harmless.has(`${words[at - 1]} ${word}`) && !harmless.has(`${word} ${words[at + 1]}`),
  );
}

const tokens = new Tokens();

/** In lower case; null where something is asked with a question mark. */
function wordsOf(text: string): string[] | null {
  tokens.read(text);
  const words: string[] = [];
  for (let at = 0; at < tokens.count && words.length <= words_max; at++) {
    const is = tokens.kind[at]!;
    if (is === kind.word || is === kind.number) words.push(tokens.textOf(at).toLowerCase().replace('’', "'"));
    else if (is === kind.punctuation && tokens.textOf(at).includes('?')) return null;
  }
  return words;
}

const isAsking = (word: string): boolean => asking.has(word) || word.endsWith("n't");

/** Pairs in which such a word asks nothing. */
const harmless: ReadonlySet<string> = new Set([
  'works again',
  'working again',
  'work again',
  'can close',
  'no problem',
  'no worries',
]);

const thanks: ReadonlySet<string> = new Set(
  `thanks thank thx ty cheers perfect understood solved resolved fixed danke dank dankeschön merci gracias grazie obrigado obrigada`.split(
    /\s+/,
  ),
);

const asking: ReadonlySet<string> = new Set(
  `please pls can could would should when how why what where which who whether need needs want wait waiting await awaiting
  advance soon asap urgent but however although unless except not no cannot never still yet again instead unfortunately sorry
  another also know tell send look looking check confirm reply respond update until forward if
  bitte aber jedoch nicht kein keine noch wieder wann wie warum wieso kann können könnte könnten brauche brauchen voraus leider warten
  mais pas encore quand comment pourquoi pouvez pourriez avance svp
  pero todavía cuándo cómo puede podría favor adelantado ma ancora quando come può potrebbe mas ainda pode poderia`.split(
    /\s+/,
  ),
);
