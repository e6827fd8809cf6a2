/** Sums of money: a currency's sign or code beside a number: "$1,299.50", "300 EUR", "£2.5m", "20 dollars". */
import { flag, kind, type Tokens } from '../text/tokens.ts';
import type { Found } from './found.ts';
import { hashes, isNear, isNumber, isOne, touches } from './scan.ts';

const signs = '$€£¥₹₽₩₺₴₫฿₪₦';
const codes = hashes(
  'usd eur gbp chf jpy cny inr aud cad nzd sek nok dkk pln czk huf rub try brl mxn zar sgd hkd krw aed',
);
const names = hashes(
  'dollar dollars bucks euro euros pound pounds quid francs franken yen rupees cents złoty zloty kronor kroner kr rmb yuan',
);
const scales = hashes('k m mn mio bn b million millions billion thousand hundred grand');

/** Hashes of the words that one can begin with. */
export const money_starters: readonly number[] = [...codes];

/** The sum of money that begins at the token, null where none does; `next` is the token behind it. */
export function moneyAt(tokens: Tokens, token: number): { found: Found; next: number } | null {
  const end = isNumber(tokens, token) ? behindNumber(tokens, token) : signed(tokens, token);
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
  if (isNumber(tokens, number)) {
    const scaled = number + 1;
    return isNear(tokens, scaled) && isOne(tokens, scaled, scales) ? scaled + 1 : scaled;
  }
  // "$2.5m" is a number and a word in one where no mark is inside: "$2m".
  return isScaled(tokens, number) ? number + 1 : null;
}

/** "300 €", "300 EUR", "2 million dollars". */
function behindNumber(tokens: Tokens, token: number): number | null {
  let at = token + 1;
  if (isNear(tokens, at) && isOne(tokens, at, scales)) at++;
  if (!isNear(tokens, at)) return null;
  const isCode = isOne(tokens, at, codes) && tokens.has(at, flag.all_capitals);
  return isSign(tokens, at) || isCode || isOne(tokens, at, names) ? at + 1 : null;
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
  return /^[\d.,]{1,15}(?:k|m|mn|bn|b)$/i.test(
    tokens.text.slice(tokens.start[token], Math.min(tokens.end[token]!, tokens.start[token]! + 18)),
  );
}
