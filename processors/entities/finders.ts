/** Finds what rules tell: addresses, URLs, sums, dates, telephone numbers, numbers of orders. One pass over the tokens. */
import { flag, kind, type Tokens } from '../text/tokens.ts';
import { date_starters, dateAt } from './date.ts';
import type { Found } from './found.ts';
import { money_starters, moneyAt } from './money.ts';
import { order_starters, orderAt } from './order.ts';
import { phoneAt } from './phone.ts';

/** At most `found_max`, in the text's order; none overlaps another. */
export function findByRule(tokens: Tokens, found_max: number): Found[] {
  const found: Found[] = [];
  for (let token = 0; token < tokens.count && found.length < found_max; ) {
    const what = tokens.kind[token]!;
    const start = tokens.start[token]!;
    const end = tokens.end[token]!;
    if (what === kind.url || what === kind.address) {
      found.push({ type: what === kind.url ? 'url' : 'email', start, end });
      token++;
      continue;
    }
    const rest = mayBegin(tokens, token) ? at(tokens, token) : null;
    if (rest !== null) found.push(rest.found);
    token = rest?.next ?? token + 1;
  }
  return found;
}

const starters: ReadonlySet<number> = new Set([...order_starters, ...money_starters, ...date_starters]);

/** Most words begin nothing: one look-up tells. */
function mayBegin(tokens: Tokens, token: number): boolean {
  const what = tokens.kind[token]!;
  if (what === kind.number || what === kind.punctuation) return true;
  if (what !== kind.word) return false;
  if (tokens.has(token, flag.has_digit) || starters.has(tokens.hash[token]!)) return true;
  // "US$20".
  return tokens.end[token]! - tokens.start[token]! <= 2 && tokens.kind[token + 1] === kind.punctuation;
}

function at(tokens: Tokens, token: number): { found: Found; next: number } | null {
  return orderAt(tokens, token) ?? moneyAt(tokens, token) ?? dateAt(tokens, token) ?? phoneAt(tokens, token);
}
