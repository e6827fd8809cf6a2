/** What each UTF-16 code unit is to a reader of text, as tables: one look-up a character. */

export const character = {
  other: 0,
  space: 1,
  newline: 2,
  /** Letters and the marks that belong to them, of any script; `_`. */
  letter: 3,
  digit: 4,
  punctuation: 5,
  /** Symbols that say something by themselves: emoji of the basic plane, dingbats. */
  symbol: 6,
  /** First half of a character beyond the basic plane. */
  surrogate: 7,
} as const;

const units = 0x10000;

/** One of `character` a code unit. */
export const character_classes: Uint8Array = classes();

/** The lower case of a code unit; where that takes two (İ), the unit itself. Typographic apostrophes become `'`. */
export const lower_case: Uint16Array = lowerCase();

/** Whether the code unit is a letter that has a lower case other than itself. */
export function isUpper(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0xc0 && code !== 0x2019 && lower_case[code] !== code);
}

/** ', ’ and ‘ inside a word. */
export function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019 || code === 0x2018;
}

function classes(): Uint8Array {
  const table = new Uint8Array(units);
  for (let code = 0; code < units; code++) table[code] = classOf(code);
  return table;
}

function classOf(code: number): number {
  if (code === 0x0a) return character.newline;
  if (code <= 0x20 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200b)) return character.space;
  if (code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0xfeff) return character.space;
  if (code >= 0x30 && code <= 0x39) return character.digit;
  if (code >= 0xd800 && code <= 0xdbff) return character.surrogate;
  if (code >= 0xdc00 && code <= 0xf8ff) return character.other;
  const text = String.fromCharCode(code);
  if (code === 0x5f || /^[\p{L}\p{M}\p{Nl}]$/u.test(text)) return isJoiner(code) ? character.other : character.letter;
  if (/^\p{Nd}$/u.test(text)) return character.digit;
  if ((code >= 0x2600 && code <= 0x27bf) || (code >= 0x2b00 && code <= 0x2bff)) return character.symbol;
  if (/^[\p{P}\p{S}]$/u.test(text)) return character.punctuation;
  return character.other;
}

/** U+FE0E and U+FE0F say how the symbol before them is drawn. */
function isJoiner(code: number): boolean {
  return code === 0xfe0e || code === 0xfe0f;
}

function lowerCase(): Uint16Array {
  const table = new Uint16Array(units);
  for (let code = 0; code < units; code++) {
    const lower = code >= 0xd800 && code <= 0xdfff ? '' : String.fromCharCode(code).toLowerCase();
    table[code] = lower.length === 1 ? lower.charCodeAt(0) : code;
  }
  table[0x2018] = table[0x2019] = 0x27;
  return table;
}
