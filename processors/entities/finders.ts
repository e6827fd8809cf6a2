/** Finds what rules tell: addresses, URLs, sums, dates, telephone numbers, numbers of orders. One pass over the tokens. */
import { kind, type Tokens } from '../text/tokens.ts';
import { dateAt } from './date.ts';
import type { Found } from './found.ts';
import { moneyAt } from './money.ts';
import { orderAt } from './order.ts';
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
    const rest = what === kind.word || what === kind.number || what === kind.punctuation ? at(tokens, token) : null;
    if (rest !== null) found.push(rest.found);
    token = rest?.next ?? token + 1;
  }
  return found;
}

function at(tokens: Tokens, token: number): { found: Found; next: number } | null {
  return orderAt(tokens, token) ?? moneyAt(tokens, token) ?? dateAt(tokens, token) ?? phoneAt(tokens, token);
}
