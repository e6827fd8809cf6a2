/** Times and numbers as spreadsheets and CRMs write them. */

export interface TimeReading {
  /** What `03/04/2025` means; null where the file does not tell. */
  readonly dates: 'day-first' | 'month-first' | null;
  /** Of a time that names no zone: a name of the IANA database. */
  readonly timezone: string;
}

const clock = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?)?`;
const zone = String.raw`\s*(Z|[+-]\d{2}:?\d{2})?`;
const iso = new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})${clock}${zone}$`);
const slashed = new RegExp(String.raw`^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})${clock}${zone}$`);

/** `{at_ms}` in milliseconds since 1970, or why it cannot be read. */
export function readTime(text: string, { dates, timezone }: TimeReading): { at_ms: number } | { fault: string } {
  const plain = iso.exec(text);
  if (plain) return timeOf(text, plain[1], plain[2], plain[3], plain.slice(4), timezone);
  const other = slashed.exec(text);
  if (!other) return { fault: `"${text}" is no time; ISO 8601, 31/12/2025, 12/31/2025 and 31.12.2025 are read` };
  const [, first, separator, second, year] = other;
  // Nobody writes the month first with dots.
  const order = separator === '.' ? 'day-first' : (orderOf(Number(first), Number(second)) ?? dates);
  if (order === null)
    return { fault: `"${text}" is the ${first}. or the ${second}.; say \`dates: day-first\` or month-first` };
  const [day, month] = order === 'day-first' ? [first, second] : [second, first];
  return timeOf(text, year, month, day, other.slice(5), timezone);
}

/** What the dates of a column tell about their order; null where all of them could be both. */
export function datesIn(texts: Iterable<string>): TimeReading['dates'] {
  for (const text of texts) {
    const found = slashed.exec(text);
    const order = found && found[2] !== '.' ? orderOf(Number(found[1]), Number(found[3])) : null;
    if (order !== null) return order;
  }
  return null;
}

const orderOf = (first: number, second: number): 'day-first' | 'month-first' | null =>
  first > 12 ? 'day-first' : second > 12 ? 'month-first' : null;

function timeOf(
  text: string,
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  [hour = '0', minute = '0', second = '0', half, offset]: (string | undefined)[],
  timezone: string,
): { at_ms: number } | { fault: string } {
  const hours = half ? (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0) : Number(hour);
  const date = [Number(year), Number(month) - 1, Number(day)] as const;
  const wall_ms = Date.UTC(...date, hours, Number(minute), Number(second));
  const read = new Date(wall_ms);
  const exists = read.getUTCMonth() === date[1] && read.getUTCDate() === date[2] && hours < 24 && Number(minute) < 60;
  if (!exists) return { fault: `"${text}" is no time that there is` };
  return { at_ms: wall_ms - (offset ? offsetOf(offset) : zoneOffset_ms(wall_ms, timezone)) };
}

function offsetOf(text: string): number {
  if (text === 'Z') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * (Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))) * 60_000;
}

/** How far the zone's clocks are ahead of UTC when they show this time. */
function zoneOffset_ms(wall_ms: number, timezone: string): number {
  const guess = aheadAt(wall_ms, timezone);
  // Near a change of the clocks, the offset there and the one here differ.
  return aheadAt(wall_ms - guess, timezone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function aheadAt(at_ms: number, timezone: string): number {
  if (timezone === 'UTC') return 0;
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  formats.set(timezone, format);
  const part = Object.fromEntries(format.formatToParts(at_ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at_ms / 1_000) * 1_000;
}

/** NaN for what is no number. Signs of currency and of thousands are left out. */
export function readNumber(text: string, decimal: '.' | ','): number {
  const bare = text.replace(/[\s\p{Sc}']|^[A-Z]{3}\b|\b[A-Z]{3}$/gu, '');
  const plain = decimal === ',' ? bare.replaceAll('.', '').replace(',', '.') : bare.replaceAll(',', '');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
}
