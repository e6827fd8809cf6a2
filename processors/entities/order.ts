/** Numbers of orders, invoices, tickets and the like: behind what they are called ("invoice no. 4711"), or written as such ("INV-2024-001"). */
import { flag, kind, type Tokens } from '../text/tokens.ts';
import { isNumericDate } from './date.ts';
import type { Found } from './found.ts';
import { moneyAt } from './money.ts';
import { digitsIn, hashes, isClose, isMark, isOne, touches } from './scan.ts';

const nouns = hashes(
  'order invoice ticket case booking reservation reference ref po rma quote quotation contract customer account tracking confirmation ' +
    'incident request bestellung rechnung auftrag bestellnummer rechnungsnummer auftragsnummer kundennummer vorgang commande facture ' +
    'pedido factura ordine fattura bestelling factuur claim policy transaction shipment',
);
const numbers = hashes('n no nr number num id nummer numéro número # ° º № code');
const prefixes = hashes('inv ord po so rma tkt inc req ref case order sr bug jira cs');

/** With these before them, some of the nouns are verbs: "we order 500 chairs". */
const verb_makers = hashes('to we i you they please will would can could may must');

/** How many tokens may stand between what it is called and the number: "order no. #". */
const between_max = 4;
const digits_min = 3;

/** Hashes of the words that one can begin with. */
export const order_starters: readonly number[] = [...nouns, ...prefixes];

/** The number that begins at the token, null where none does; `next` is the token behind it. */
export function orderAt(tokens: Tokens, token: number): { found: Found; next: number } | null {
  if (isOne(tokens, token, prefixes) && isMark(tokens, token + 1, '-') && touches(tokens, token + 1)) {
    const end = codeEnd(tokens, token + 2);
    if (end !== null && touches(tokens, token + 2)) return found(tokens, token, end);
  }
  if (!isOne(tokens, token, nouns) && !isOne(tokens, token, prefixes)) return null;
  let at = token + 1;
  for (let between = 0; between < between_max && isClose(tokens, at) && isBetween(tokens, at); between++) at++;
  if (!isClose(tokens, at)) return null;
  if (at === token + 1 && (isOne(tokens, token - 1, verb_makers) || isOther(tokens, at))) return null;
  const end = codeEnd(tokens, at);
  return end === null ? null : found(tokens, at, end);
}

function found(tokens: Tokens, from: number, end: number): { found: Found; next: number } {
  return { found: { type: 'order_number', start: tokens.start[from]!, end: tokens.end[end - 1]! }, next: end };
}

/** A number that says for itself what it is. */
function isOther(tokens: Tokens, token: number): boolean {
  return moneyAt(tokens, token) !== null || isNumericDate(tokens, token);
}

function isBetween(tokens: Tokens, token: number): boolean {
  return isOne(tokens, token, numbers) || '#:.-°№'.split('').some(mark => isMark(tokens, token, mark));
}

/** Letters and digits with `-` or `/` between them, three digits at least: "4711", "AB-4711/2", "A1B2C3". */
function codeEnd(tokens: Tokens, token: number): number | null {
  let digits = 0;
  let end = token;
  for (let at = token; at < tokens.count && end - token < 9; at++) {
    if (at > token && !touches(tokens, at)) break;
    const isCode = tokens.kind[at] === kind.number || (tokens.kind[at] === kind.word && isCodeWord(tokens, at));
    if (isCode) {
      digits += digitsIn(tokens, at);
      end = at + 1;
    } else if (at === token || !(isMark(tokens, at, '-') || isMark(tokens, at, '/') || isMark(tokens, at, '_'))) break;
  }
  return digits >= digits_min ? end : null;
}

function isCodeWord(tokens: Tokens, token: number): boolean {
  return tokens.has(token, flag.has_digit | flag.all_capitals) || tokens.end[token]! - tokens.start[token]! === 1;
}
