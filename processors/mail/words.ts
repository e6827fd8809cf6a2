/** What one pass over a text sees, besides its words. */
export interface TextSignals {
  /** Lower case, letters, digits and inner apostrophes; at most `word_chars_max` long. */
  readonly words: readonly string[];
  readonly questions: number;
  readonly exclamations: number;
  readonly links: number;
  /** Sums of money: a currency sign beside a digit. */
  readonly sums: number;
  /** Share of the letters that are capitals, 0 to 1. */
  readonly capitals: number;
}

/** A mail's subject and text, each read once for every model. */
export interface MailSignals {
  readonly subject: TextSignals;
  readonly body: TextSignals;
}

/** Longer texts are judged by their beginning, which bounds the time a mail can cost. */
export const text_read_chars_max = 16_384;

/** Longer runs of letters are data, not words. */
export const word_chars_max = 32;

/** Reads a text once, character by character, so that no text can make it slow. */
export function signalsOf(text: string): TextSignals {
  const end = Math.min(text.length, text_read_chars_max);
  const signals = { words: [] as string[], questions: 0, exclamations: 0, links: 0, sums: 0, capitals: 0 };
  let start = -1;
  let letters = 0;
  let upper = 0;
  for (let at = 0; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : 0x20;
    if (isWordCharacter(code)) {
      if (start < 0) start = at;
      if (code > 0x39) letters++;
      if (code >= 0x41 && code <= 0x5a) upper++;
      continue;
    }
    if (code === 0x27 || code === 0x2019) if (start >= 0 && isWordCharacter(text.charCodeAt(at + 1))) continue;
    if (start >= 0 && at - start <= word_chars_max) signals.words.push(wordAt(text, start, at));
    start = -1;
    if (code === 0x3f) signals.questions++;
    else if (code === 0x21) signals.exclamations++;
    else if (code === 0x3a && text.startsWith('://', at)) signals.links++;
    else if (isCurrency(code) && (isDigit(text.charCodeAt(at + 1)) || isDigit(text.charCodeAt(at - 1)))) signals.sums++;
  }
  return { ...signals, capitals: letters === 0 ? 0 : upper / letters };
}

function wordAt(text: string, start: number, end: number): string {
  return text.slice(start, end).toLowerCase().replace('’', "'");
}

function isWordCharacter(code: number): boolean {
  if (code < 0x80) return isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  // Beyond ASCII: everything but Latin-1's signs and the blocks of general punctuation and symbols.
  return code >= 0xc0 && (code < 0x2000 || code > 0x2bff) && code !== 0x3000;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isCurrency(code: number): boolean {
  return code === 0x24 || code === 0x20ac || code === 0xa3;
}
