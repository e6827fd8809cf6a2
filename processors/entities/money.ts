/** Sums of money: a currency's sign or code beside a number: "$1,299.50", "300 EUR", "£2.5m", "20 dollars". */
import { isApostrophe } from '../text/characters.ts';
import { flag, kind, type Tokens } from '../text/tokens.ts';
import type { Found } from './found.ts';
import { hashes, isMark, isNear, isNumber, isOne, textAt, touches } from './scan.ts';

const signs = '$€£¥₹₽₩₺₴₫฿₪₦';
const codes = hashes(
  'usd eur gbp chf jpy cny inr aud cad nzd sek nok dkk pln czk huf rub try brl mxn zar sgd hkd krw aed',
);
const names = hashes(
  'dollar dollars bucks euro euros pound pounds quid francs franken yen rupees cents złoty zloty kronor kroner kr rmb yuan zł kč',
);
const scales = hashes('k m mn mio mrd bn b million millions billion thousand hundred grand');
const scales_dotted = hashes('mio mrd');

/** Hashes of the words that one can begin with. */
export const money_starters: readonly number[] = [...codes];

/** The sum of money that begins at the token, null where none does; `next` is the token behind it. */
export function moneyAt(tokens: Tokens, token: number): { found: Found; next: number } | null {
  const end = isNumber(tokens, token) || isScaled(tokens, token) ? behindNumber(tokens, token) : signed(tokens, token);
  if (end === null) return null;
  return { found: { type: 'money', start: tokens.start[token]!, end: tokens.end[end - 1]! }, next: end };
}

/** "$ 300", "USD 300", "US$300", "A$2m". */
function signed(tokens: Tokens, token: number): number | null {
  let at = token;
  if (isCountry(tokens, at) && isSign(tokens, at + 1) && touches(tokens, at + 1)) at++;
  if (!isSign(tokens, at) && !(isOne(tokens, at, codes) && tokens.has(at, flag.all_capitals))) return null;
  const number = at + 1;
  if (!isNear(tokens, number)) return null;
  if (isNumber(tokens, number)) return scaledEnd(tokens, numberEnd(tokens, number));
  // "$2.5m" is a number and a word in one where no mark is inside: "$2m".
  return isScaled(tokens, number) ? number + 1 : null;
}

/** "300 €", "1 300 EUR", "2 million dollars", "5k EUR". */
function behindNumber(tokens: Tokens, token: number): number | null {
  const at = scaledEnd(tokens, isNumber(tokens, token) ? numberEnd(tokens, token) : token + 1);
  if (!isNear(tokens, at)) return null;
  // "2 $50.00", a row of a table: the sign is the next number's.
  if (isSign(tokens, at) && !touches(tokens, at) && touches(tokens, at + 1) && isNumber(tokens, at + 1)) return null;
  const isCode = isOne(tokens, at, codes) && tokens.has(at, flag.all_capitals);
  return isSign(tokens, at) || isCode || isOne(tokens, at, names) ? at + 1 : null;
}

/** Behind the scale at the token: "million", "Mio."; the token itself where there is none. */
function scaledEnd(tokens: Tokens, token: number): number {
  if (!isNear(tokens, token) || !isOne(tokens, token, scales)) return token;
  const dot = isOne(tokens, token, scales_dotted) && isMark(tokens, token + 1, '.') && touches(tokens, token + 1);
  return dot && isNear(tokens, token + 2) ? token + 2 : token + 1;
}

/** What is looked at of a number to see whether it is three digits, with a fraction or none. */
const group_chars = 8;

/** Behind a number whose thousands may stand apart: "1 234,50", "1'250.00". */
function numberEnd(tokens: Tokens, token: number): number {
  let end = token + 1;
  for (let whole = /^\d{1,3}$/.test(textAt(tokens, token, group_chars)); whole && isNear(tokens, end); ) {
    const marked = isApostrophe(tokens.text.charCodeAt(tokens.start[end]!)) && touches(tokens, end);
    const next = marked ? end + 1 : end;
    if (touches(tokens, next) !== marked || !isNear(tokens, next) || !isNumber(tokens, next)) break;
    const group = textAt(tokens, next, group_chars);
    if (!/^\d{3}(?:$|[.,]\d)/.test(group)) break;
    whole = group.length === 3;
    end = next + 1;
  }
  return end;
}

/** "US$", "A$". */
function isCountry(tokens: Tokens, token: number): boolean {
  return tokens.has(token, flag.capitalised | flag.all_capitals) && tokens.end[token]! - tokens.start[token]! <= 2;
}

function isSign(tokens: Tokens, token: number): boolean {
  if (token >= tokens.count || tokens.kind[token] !== kind.punctuation) return false;
  return tokens.end[token]! - tokens.start[token]! === 1 && signs.includes(tokens.text.charAt(tokens.start[token]!));
}

function isScaled(tokens: Tokens, token: number): boolean {
  if (tokens.kind[token] !== kind.word || !tokens.has(token, flag.has_digit)) return false;
  return /^[\d.,]{1,15}(?:k|m|mn|bn|b)$/i.test(textAt(tokens, token, 18));
}
