/** Telephone numbers as people write them: "+49 30 1234567", "(020) 7946-0018", "555-123-4567". */
import { flag, hashOf, kind, type Tokens } from '../text/tokens.ts';
import type { Found } from './found.ts';
import { digitsIn, hashes, isMark, isNear, isNumber, isOne, textAt } from './scan.ts';

/** E.164 has at most 15 digits; fewer than 7 are a house or a part. */
const digits_min = 7;
const digits_max = 15;
const groups_max = 8;

const labels = hashes('tel telefon phone mobile mobil cell fax call t m p ph telephone tél teléfono');

/** The number that begins at the token, null where none does; `next` is the token behind it. */
export function phoneAt(tokens: Tokens, token: number): { found: Found; next: number } | null {
  const plus = isMark(tokens, token, '+');
  const bracket = isMark(tokens, token, '(');
  const labelled = isLabelled(tokens, token);
  if (!plus && !bracket && !(isNumber(tokens, token) && (labelled || mayBegin(tokens, token)))) return null;
  let digits = 0;
  let groups = 0;
  let end = token;
  for (let at = token; at < tokens.count && groups <= groups_max; at++) {
    if (at > token && !isNear(tokens, at)) break;
    if (isNumber(tokens, at)) {
      if (!/^\d[\d\-./]*$/.test(textAt(tokens, at, 24))) break;
      const inside = digitsIn(tokens, at);
      if (digits + inside > digits_max) return null;
      digits += inside;
      groups++;
      end = at + 1;
    } else if (!isJoint(tokens, at)) break;
  }
  if (digits < digits_min || (bracket && !isMark(tokens, token + 2, ')') && !isMark(tokens, token + 1, '+')))
    return null;
  const isGrouped =
    digits >= 9 && tokens.text.charAt(tokens.start[token]!) === '0' && (groups >= 3 || isDialled(tokens, token, end));
  if (!plus && !bracket && !labelled && !isGrouped && !isAmerican(tokens, token, end)) return null;
  return { found: { type: 'phone', start: tokens.start[token]!, end: tokens.end[end - 1]! }, next: end };
}

/** "Tel 555…", "Tel.: 555…". */
function isLabelled(tokens: Tokens, token: number): boolean {
  let before = token - 1;
  while (before >= token - 2 && (isMark(tokens, before, ':') || isMark(tokens, before, '.'))) before--;
  return isOne(tokens, before, labels);
}

/**
 * Without a label or a `+` a number begins with 0 or has its groups as in North America; behind other digits ("DE89 3704 0044 …") it is part of
 * something longer.
 */
function mayBegin(tokens: Tokens, token: number): boolean {
  if (isNear(tokens, token) && tokens.has(token - 1, flag.has_digit)) return false;
  return /^(?:0|\d{3}(?:$|[-.])|1-\d)/.test(textAt(tokens, token, 4));
}

function isJoint(tokens: Tokens, token: number): boolean {
  if (tokens.kind[token] !== kind.punctuation || tokens.end[token]! - tokens.start[token]! > 1) return false;
  return '+()-–/.'.includes(tokens.text.charAt(tokens.start[token]!));
}

/** "0171/1234567", "030-12345678": an area's code and a number within it. */
function isDialled(tokens: Tokens, token: number, end: number): boolean {
  return /^0[1-9]\d{1,4} ?[-/] ?\d{4,9}$/.test(textAt(tokens, token, 16, end - 1));
}

/** "555-123-4567", "555.123.4567", "1-800-555-0199". */
function isAmerican(tokens: Tokens, token: number, end: number): boolean {
  return /^(?:\d{3}([-. ])\d{3}\1\d{4}|1-\d{3}-\d{3}-\d{4})$/.test(textAt(tokens, token, 16, end - 1));
}

/** "Tel", "Phone" and the like, as a line of a signature begins. */
export function isPhoneLabel(word: string): boolean {
  return labels.has(hashOf(word));
}
