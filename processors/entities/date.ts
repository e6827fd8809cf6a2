/** Dates and times of day as people write them: "2024-05-06", "6.5.2024", "May 6th, 2024", "6. Mai", "next Tuesday at 3 pm", "tomorrow". */
import { flag, kind, type Tokens } from '../text/tokens.ts';
import type { Found } from './found.ts';
import { hashes, isMark, isNear, isNumber, isOne, textAt } from './scan.ts';

const months = hashes(
  'january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov ' +
    'dec januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre ' +
    'décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio ' +
    'giugno luglio settembre ottobre dicembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro januari februari ' +
    'maart mei augustus oktober maj augusti januar marts stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października ' +
    'listopada grudnia',
);
/** Months that are other words too: only beside a number. */
const doubtful = hashes('may march mar mars mai jun jan dec nov sep abril august avril mei maj maja marca marts');
const weekdays = hashes(
  'monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri montag dienstag mittwoch donnerstag ' +
    'freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo',
);
const days = hashes('today tomorrow tonight yesterday heute morgen gestern demain hier hoy mañana ayer');
const before = hashes('next last this coming');
const spans = hashes('week month year quarter weekend morning afternoon evening');
const halves = hashes('am pm uhr');
const connecting = hashes('at um on of');
const of_month = hashes('of de del');
const parts_of_day = hashes('morning afternoon evening night noon');

export function isMonth(tokens: Tokens, token: number): boolean {
  return isOne(tokens, token, months);
}

/** Hashes of the words that one can begin with. */
export const date_starters: readonly number[] = [...days, ...before, ...weekdays, ...months];

/** The date that begins at the token, null where none does; `next` is the token behind it. */
export function dateAt(tokens: Tokens, token: number): { found: Found; next: number } | null {
  const start = dayEnd(tokens, token) ?? timeEnd(tokens, token);
  if (start === null) return null;
  let end = start;
  for (let more = moreEnd(tokens, end); more !== null && end - token < tokens_max; more = moreEnd(tokens, end))
    end = more;
  return { found: { type: 'date', start: tokens.start[token]!, end: tokens.end[end - 1]! }, next: end };
}

const tokens_max = 10;

/** A date may go on: ", 6 May", "at 3 pm", "morning". */
function moreEnd(tokens: Tokens, at: number): number | null {
  if (!isNear(tokens, at)) return null;
  if (isOne(tokens, at, parts_of_day)) return at + 1;
  let next = at;
  if (isMark(tokens, at, ',') || isOne(tokens, at, connecting) || isShortened(tokens, at)) next++;
  if (next > at && !isNear(tokens, next)) return null;
  const day = isAnother(tokens, at - 1, next) ? null : dayEnd(tokens, next);
  return day ?? (isTime(tokens, at - 1) ? null : timeEnd(tokens, next));
}

/** A time of day ends with the token. */
function isTime(tokens: Tokens, last: number): boolean {
  return timeEnd(tokens, last) === last + 1 || (last > 0 && timeEnd(tokens, last - 1) === last + 1);
}

/** A day is told already, so that another is a date of its own: "6.5.2024, 7.5.2024", "Monday, Tuesday". */
function isAnother(tokens: Tokens, last: number, next: number): boolean {
  if (isOne(tokens, last, weekdays)) return isOne(tokens, next, weekdays);
  if (isOne(tokens, last, months) || isOrdinal(tokens, last) || isNumericDate(tokens, last)) return true;
  return isNumber(tokens, last) && (isOne(tokens, last - 1, months) || /^(?:19|20)\d{2}$/.test(slice(tokens, last)));
}

function dayEnd(tokens: Tokens, token: number): number | null {
  if (token >= tokens.count) return null;
  if (isNumber(tokens, token)) return numericEnd(tokens, token);
  if (tokens.kind[token] !== kind.word) return null;
  if (isOne(tokens, token, days)) return token + 1;
  if (isOne(tokens, token, before)) {
    const day = token + 1;
    const isDay = isOne(tokens, day, weekdays) || isOne(tokens, day, spans) || isOne(tokens, day, months);
    return isDay && isNear(tokens, day) ? day + 1 : null;
  }
  if (isOne(tokens, token, weekdays) && isCapital(tokens, token)) return token + 1;
  if (isOne(tokens, token, months)) return monthEnd(tokens, token);
  if (isOrdinal(tokens, token)) return dayMonthEnd(tokens, token + 1);
  return null;
}

/** The full stop of "Mon. 6 May"; behind a weekday written out it ends the sentence. */
function isShortened(tokens: Tokens, at: number): boolean {
  return isMark(tokens, at, '.') && isOne(tokens, at - 1, weekdays) && tokens.end[at - 1]! - tokens.start[at - 1]! <= 5;
}

/** The number is a whole date: "2024-05-06", "6.5.2024", "05/06/24". Which of day and month comes first is not told. */
export function isNumericDate(tokens: Tokens, token: number): boolean {
  const text = slice(tokens, token);
  const parts = /^\d{4}[-/.](\d{1,2})[-/.](\d{1,2})$|^(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})$/.exec(text);
  if (parts === null) return false;
  const [one, other] = [Number(parts[1] ?? parts[3]), Number(parts[2] ?? parts[4])];
  return Math.min(one, other) >= 1 && Math.min(one, other) <= 12 && Math.max(one, other) <= 31;
}

/** "2024-05-06", "6.5.2024", "06/05/24", or "6 May", "6. Mai 2024". */
function numericEnd(tokens: Tokens, token: number): number | null {
  const text = slice(tokens, token);
  if (isNumericDate(tokens, token)) return token + 1;
  if (!/^\d{1,2}$/.test(text) || Number(text) > 31) return null;
  return dayMonthEnd(tokens, isMark(tokens, token + 1, '.') ? token + 2 : token + 1);
}

function dayMonthEnd(tokens: Tokens, at: number): number | null {
  let month = at;
  if (isOne(tokens, month, of_month) && isNear(tokens, month)) month++;
  if (!isNear(tokens, month) || !isOne(tokens, month, months)) return null;
  return yearEnd(tokens, isMark(tokens, month + 1, '.') && isNumber(tokens, month + 2) ? month + 2 : month + 1);
}

/** "May 6", "May 6th, 2024", "May 2024", "September". */
function monthEnd(tokens: Tokens, token: number): number | null {
  if (!isCapital(tokens, token)) return null;
  const day = isMark(tokens, token + 1, '.') ? token + 2 : token + 1;
  if (isNear(tokens, day) && isDayOfMonth(tokens, day)) return yearEnd(tokens, day + 1);
  const year = yearEnd(tokens, token + 1);
  if (year > token + 1) return year;
  const isShort = tokens.end[token]! - tokens.start[token]! <= 3;
  return isShort || isOne(tokens, token, doubtful) ? null : token + 1;
}

/** Behind the year at the token, or the token where there is none. */
function yearEnd(tokens: Tokens, token: number): number {
  const year = isMark(tokens, token, ',') || isOne(tokens, token, of_month) ? token + 1 : token;
  return isNear(tokens, year) && isNumber(tokens, year) && /^(?:19|20)\d{2}$/.test(slice(tokens, year))
    ? year + 1
    : token;
}

/** "10:30", "10:30-11:00", "3pm", "3:30pm", "3 pm", "14h30", "15 Uhr". */
function timeEnd(tokens: Tokens, token: number): number | null {
  if (token >= tokens.count) return null;
  const text = slice(tokens, token);
  if (tokens.kind[token] === kind.word)
    return /^\d{1,2}(?:(?:[:.]\d{2})?(?:am|pm)|h(?:\d{2})?)$/i.test(text) ? token + 1 : null;
  if (!isNumber(tokens, token)) return null;
  const isHalf = isNear(tokens, token + 1) && isOne(tokens, token + 1, halves);
  if (/^\d{1,2}[:.]\d{2}$/.test(text) && isHalf) return token + 2;
  if (/^(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d|-(?:[01]?\d|2[0-4]):[0-5]\d)?$/.test(text)) return token + 1;
  return /^\d{1,2}$/.test(text) && isHalf ? token + 2 : null;
}

function isDayOfMonth(tokens: Tokens, token: number): boolean {
  if (isOrdinal(tokens, token)) return true;
  const text = slice(tokens, token);
  return isNumber(tokens, token) && /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 31;
}

function isOrdinal(tokens: Tokens, token: number): boolean {
  if (token >= tokens.count || tokens.kind[token] !== kind.word || !tokens.has(token, flag.has_digit)) return false;
  return /^(?:[0-3]?\d(?:st|nd|rd|th)|1(?:er|º|°))$/i.test(slice(tokens, token));
}

function isCapital(tokens: Tokens, token: number): boolean {
  return tokens.has(token, flag.capitalised | flag.all_capitals);
}

/** The token, its beginning where it is long. */
const slice = (tokens: Tokens, token: number): string => textAt(tokens, token, 12);
