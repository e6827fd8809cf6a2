/** Names that business mail gives away by the words around them: "Dear Ms Lee,", "Hi Anna,", "Miller & Sons GmbH". */
import { flag, kind, type Tokens } from '../text/tokens.ts';
import type { Found } from './found.ts';
import { hashes, isMark, isNear, isOne } from './scan.ts';
import { shape, shapeOf } from './shape.ts';

const greetings = hashes(
  'hi hello hey dear hallo liebe lieber moin bonjour cher chère hola estimado estimada querido querida ciao caro cara beste olá',
);
const greeting_pairs = hashes('geehrter geehrte morning afternoon evening tag morgen');
const titles = hashes(
  'mr mrs ms miss dr prof professor herr herrn frau sir madame monsieur señor señora sig signor mevrouw',
);
/** Words that greet as well, or that mean nobody in particular. */
const nobody = hashes(
  'all team everyone everybody there sir madam both folks guys friend customer support sales colleagues damen herren zusammen',
);
const suffixes = hashes(
  'gmbh ltd limited inc llc llp plc corp corporation ag kg ug se bv nv sarl sas spa srl oy ab aps pty kgaa',
);
const joining = hashes('and of und et y');

const name_words_max = 4;
/** Tokens from a greeting or a title to the name: "Dear Prof. Dr." */
const between_max = 6;

/** Of people greeted or titled, and of companies by their legal form. In the text's order of their last words; some may overlap. */
export function businessNames(tokens: Tokens, found_max: number): Found[] {
  const found: Found[] = [];
  for (let token = 0; token < tokens.count && found.length < found_max; token++) {
    if (tokens.kind[token] !== kind.word) continue;
    if (isOne(tokens, token, titles)) push(found, titled(tokens, token));
    else if (tokens.has(token, flag.line_start)) push(found, greeted(tokens, token));
    else if (isOne(tokens, token, suffixes)) push(found, company(tokens, token));
  }
  return found;
}

function push(found: Found[], each: Found | null): void {
  if (each !== null) found.push(each);
}

/** The title is not part of the name. */
function titled(tokens: Tokens, token: number): Found | null {
  if (!tokens.has(token, flag.capitalised)) return null;
  let from = token + 1;
  while (
    from - token < between_max &&
    isNear(tokens, from) &&
    (isMark(tokens, from, '.') || isOne(tokens, from, titles))
  )
    from++;
  return person(tokens, from);
}

/** A line that begins with a greeting, up to the comma or its end. */
function greeted(tokens: Tokens, token: number): Found | null {
  if (!isOne(tokens, token, greetings)) return null;
  let from = token + 1;
  while (
    from - token < between_max &&
    isNear(tokens, from) &&
    (isOne(tokens, from, greeting_pairs) || isOne(tokens, from, titles) || isMark(tokens, from, '.'))
  )
    from++;
  const found = person(tokens, from);
  if (found === null) return null;
  let behind = from;
  while (behind < tokens.count && tokens.start[behind]! < found.end) behind++;
  const ends = behind === tokens.count || tokens.has(behind, flag.line_start) || tokens.kind[behind] !== kind.word;
  return ends ? found : null;
}

function person(tokens: Tokens, from: number): Found | null {
  let end = from;
  while (end < from + name_words_max && isNear(tokens, end) && isNameWord(tokens, end)) end++;
  if (end === from) return null;
  return { type: 'person', start: tokens.start[from]!, end: tokens.end[end - 1]! };
}

function isNameWord(tokens: Tokens, token: number): boolean {
  const form = shapeOf(tokens, token);
  if (form !== shape.capitalised && form !== shape.camel) return false;
  return !isOne(tokens, token, nobody) && !isOne(tokens, token, titles) && !tokens.has(token, flag.line_start);
}

/** Up to four capitalised words before the legal form, all on one line, "&" and a dash among them. */
function company(tokens: Tokens, token: number): Found | null {
  let from = token;
  for (let at = token - 1; at >= 0 && token - at <= 2 * name_words_max && isNear(tokens, at + 1); at--) {
    if (tokens.has(at + 1, flag.line_start)) break;
    const form = shapeOf(tokens, at);
    if (form >= shape.capitalised && form <= shape.camel) from = at;
    else if (
      !isMark(tokens, at, '&') &&
      !isMark(tokens, at, '-') &&
      !isMark(tokens, at, ',') &&
      !isOne(tokens, at, joining)
    )
      break;
  }
  if (from === token) return null;
  const dotted =
    isMark(tokens, token + 1, '.') &&
    tokens.end[token]! - tokens.start[token]! <= 4 &&
    isAbbreviation(tokens, token + 2);
  return { type: 'organisation', start: tokens.start[from]!, end: tokens.end[dotted ? token + 1 : token]! };
}

/** The full stop behind "Inc." is its own where the sentence goes on. */
function isAbbreviation(tokens: Tokens, next: number): boolean {
  if (next >= tokens.count || tokens.kind[next] === kind.paragraph) return false;
  return tokens.kind[next] === kind.punctuation || shapeOf(tokens, next) === shape.lower;
}
