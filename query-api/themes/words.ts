/** What a text is compared by: its words and pairs of words, without those that say nothing. */

const text_chars_max = 1_000;
const word_chars_max = 30;

export interface Terms {
  /** Each once, in the order of the text. */
  readonly words: readonly string[];
  /** Two such words with nothing but space between; each once too. */
  readonly pairs: readonly string[];
}

/** A plural counts as its word where it ends with an s. */
export function termsOf(text: string): Terms {
  const words = new Set<string>();
  const pairs = new Set<string>();
  let before = '';
  let before_end = -1;
  for (const { 0: written, index } of text.slice(0, text_chars_max).matchAll(/\p{L}[\p{L}\p{N}'’-]*/gu)) {
    const word = singularOf(written.toLowerCase());
    const isTold = word.length > 2 && word.length <= word_chars_max && !empty_words.has(written.toLowerCase());
    if (isTold) {
      words.add(word);
      if (before !== '' && before_end + 1 === index) pairs.add(`${before} ${word}`);
    }
    before = isTold ? word : '';
    before_end = index + written.length;
  }
  return { words: [...words], pairs: [...pairs] };
}

const singularOf = (word: string): string => (word.length > 4 && /[^su]s$/.test(word) ? word.slice(0, -1) : word);

/** Of English, German, French and Spanish, and of mail in any of them. */
const empty_words: ReadonlySet<string> = new Set(
  `the and for are was were has have had not but you your yours our ours they them their his her its this that these those there here with
  from into about after before again all any can could will would should may might must been being both did does doing done each few
  more most some such than then too very what when where which while who whom whose why how just also only own same other over under
  out off once because until against between during through above below now get got let one two new please thanks thank hello dear
  regards kind best hi hey cheers sincerely mail email message re fwd fw subject help question see know want need like still yet since
  don't doesn't can't isn't it's i'm we're i've we've
  der die das und ist sind war nicht ein eine einen einem einer mit von für auf den dem des ich wir sie ihr ihre unser bitte danke hallo
  grüße freundlichen auch noch aber oder wenn wie was wird werden kann können haben hat als bei aus nach
  les des une est sont pas pour dans sur avec vous nous votre notre merci bonjour cordialement que qui
  los las una por con para está son del que usted gracias hola saludos`.split(/\s+/),
);
