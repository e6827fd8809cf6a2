/** What a writer says of himself below his words: name, title, telephone number, company. Line by line, by lists; linear. */

import type { Signature } from '../../schemas/generated.ts';
import { phoneAt } from '../entities/phone.ts';
import { isParting } from '../text/mail-lines.ts';
import { Tokens } from '../text/tokens.ts';

/** Changes whenever the same text could get another answer. */
export const signature_version = 'lines-1';

const lines_max = 12;
const line_chars_max = 120;
const field_chars_max = 80;

export const no_signature: Signature = { name: '', title: '', phone: '', company: '' };

const tokens = new Tokens();

const titles =
  /(?<!\p{L})(?:manager(?:in)?|director|engineer|developer|officer|president|founder|owner|partner|consultant|architect|analyst|assistant|coordinator|specialist|executive|representative|administrator|accountant|attorney|counsel|professor|researcher|scientist|designer|recruiter|buyer|lead|head of|chief|ceo|cto|cfo|coo|cmo|vp|svp|evp|geschäftsführer(?:in)?|leiter(?:in)?|vertrieb|einkauf|berater(?:in)?|sachbearbeiter(?:in)?|prokurist(?:in)?|assistenz|directeur|directrice|responsable|gérante?|ingénieur|gerente|directora?|jefe|ingeniero|direttore|responsabile)(?!\p{L})/iu;
const legal_form =
  /(?<!\p{L})(?:gmbh(?: & co\.? kg)?|ltd|limited|inc|llc|llp|plc|corp|corporation|ag|kg|se|b\.?v|n\.?v|s\.?a\.?r\.?l|s\.?a\.?s|s\.?a|s\.?p\.?a|s\.?r\.?l|oy|ab|aps|pty ltd|company)\.?$/iu;
const parting = /\s+[|•·–—-]\s+|\s*[|•·]\s*|,\s+|\s{3,}|\t+|\s+(?:at|bei|chez)\s+/;
const name_form =
  /^\p{Lu}[\p{L}'’.-]{0,24}(?: (?:(?:van|von|de|der|den|la|le|di|da|bin|al) )?\p{Lu}[\p{L}'’.-]{0,24}){1,3}$/u;
const honorific = /^(?:dr|prof|mr|mrs|ms|dipl\.?-ing)\.?\s+/i;

/** `text` is what stands in the signature; `from` the sender as the mail's header has him. */
export function signatureOf(text: string, from: { readonly name: string; readonly address: string }): Signature {
  const found = { ...no_signature };
  const lines = text.split('\n', lines_max + 1).map(line => line.slice(0, line_chars_max).trim());
  for (const line of lines.slice(0, lines_max)) {
    if (line === '' || line.startsWith('--') || isParting(line)) continue;
    found.phone ||= phoneIn(line);
    for (const part of line.split(parting)) readPart(part.replace(/^[*_\-–\s]{1,4}|[*_,\s]{1,4}$/g, ''), from, found);
  }
  return found;
}

function readPart(part: string, from: { readonly name: string; readonly address: string }, found: Signature): void {
  if (part.length < 2 || part.length > field_chars_max || /[@\d]|:\/\/|www\./.test(part)) return;
  if (legal_form.test(part)) found.company ||= part;
  else if (found.name === '' && isName(part, from)) found.name = part.replace(honorific, '');
  else if (titles.test(part)) found.title ||= part;
  else if (isDomain(part, from.address)) found.company ||= part;
}

/** As the header has it, or in the form of a name; one word alone only where it is the sender's. */
function isName(part: string, from: { readonly name: string; readonly address: string }): boolean {
  const bare = part.replace(honorific, '');
  const known = `${from.name} ${from.address.split('@', 1)[0]}`.toLowerCase().split(/[\s,._+-]+/);
  const words = bare.toLowerCase().split(/\s+/);
  if (words.every(word => known.includes(word))) return true;
  if (!name_form.test(bare) || titles.test(bare)) return false;
  return from.name === '' || words.some(word => known.includes(word)) || !from.name.includes(' ');
}

/** "Acme" of ann@acme.com, "Acme Tools" of ann@acme-tools.com. */
function isDomain(part: string, address: string): boolean {
  const domain = address.slice(address.indexOf('@') + 1).split('.');
  const label = domain.at(-2) ?? '';
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}]/gu, '');
  return plain(label).length > 2 && plain(part) === plain(label);
}

function phoneIn(line: string): string {
  if (/^(?:fax|f)\b/i.test(line)) return '';
  tokens.read(line);
  for (let token = 0; token < tokens.count; token++) {
    const phone = phoneAt(tokens, token);
    if (phone !== null) return line.slice(phone.found.start, phone.found.end);
  }
  return '';
}
