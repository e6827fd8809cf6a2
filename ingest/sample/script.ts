/** What happens, on a line from 0 to 1, and how each record is meant to end. Dates are put in when it is played. */
import { createHash } from 'node:crypto';
import { sample_domain } from '../../schemas/sample.ts';
import { type Employee, type Person, staff } from './company.ts';
import { type Correspondent, type Message, messageBytes } from './message.ts';
import { createRandom, type Random } from './random.ts';
import { days } from './texts-support.ts';

/** From the line to milliseconds since 1970. */
export type Clock = (at: number) => number;
export type End = 'stored' | 'duplicate' | 'dead_letter';

interface Timed {
  at: number;
  end: End;
  /** Arrives when the sample is streamed in, however old its news; the rest is history. */
  live?: boolean;
}

export interface MailEntry extends Timed {
  kind: 'mail';
  /** Lower-case address. */
  mailbox: string;
  owner: Employee;
  bytes(clock: Clock): Buffer;
}

export interface LineEntry extends Timed {
  kind: 'line';
  json(clock: Clock): string;
}

export type Entry = MailEntry | LineEntry;

export interface Script {
  random: Random;
  entries: Entry[];
  /** Numbers that differ each time they are asked for. */
  newId(): string;
}

export function createScript(seed: number): Script {
  let last = 0;
  return { random: createRandom(seed), entries: [], newId: () => String(++last).padStart(5, '0') };
}

/** Puts a message into the mailbox; `quotedAt` is when the quoted one was written. */
export function addMail(
  script: Script,
  place: { at: number; mailbox: string; owner: Employee; end?: End },
  message: Omit<Message, 'quoted'> & { quoted?: { from: Correspondent; at: number; text: string } },
): void {
  const { at, mailbox, owner, end = 'stored' } = place;
  const { quoted, ...rest } = message;
  script.entries.push({
    kind: 'mail',
    at,
    end,
    mailbox,
    owner,
    bytes: clock =>
      messageBytes(
        quoted === undefined ? rest : { ...rest, quoted: { ...quoted, at_ms: clock(quoted.at) } },
        clock(at),
      ),
  });
}

export function addLine(
  script: Script,
  at: number,
  line: (clock: Clock) => object,
  { end = 'stored', live = false }: { end?: End; live?: boolean } = {},
): void {
  script.entries.push({ kind: 'line', at, end, live, json: clock => JSON.stringify(line(clock)) });
}

/** With its brackets, on the writer's own domain. */
export function newMessageId({ random }: Script, address: string): string {
  return `<${random.hex(20)}@${address.slice(address.indexOf('@') + 1)}>`;
}

const everyone = Object.values(staff);

/** Fills `{…}` with the values, or with something that fits. Equal names in one text get equal words. */
export function fill({ random }: Script, text: string, values: Readonly<Record<string, string | number>> = {}): string {
  const seats = Number(values.seats ?? random.int(10, 80));
  const price = seats * 18;
  const defaults: Record<string, string | number> = {
    day: random.pick(days),
    count: random.int(3, 19),
    seconds: random.int(12, 45),
    seats,
    price,
    budget: Math.round(price * random.between(0.75, 0.92)),
    invoice: `HL-${random.int(2_100, 2_990)}`,
    first: random.pick(everyone).first,
  };
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? defaults[name] ?? ''));
}

/** The words that fit an account. */
export function accountWords({ account }: Person): Record<string, string | number> {
  return {
    company: account.name,
    industry: account.industry,
    city: account.city,
    seats: account.seats,
    first: account.people[1]?.first ?? '',
  };
}

export function customerText(person: Person, to: string, paragraphs: readonly string[], isShort = false): string {
  const greeting = person.greeting === '' || isShort ? '' : `${person.greeting} ${to},\n\n`;
  const body = paragraphs.filter(paragraph => paragraph !== '').join('\n\n');
  const signature = isShort ? person.first : `${person.name}\n${person.title}, ${person.account.name}`;
  return `${greeting}${body}\n\n${person.farewell}\n${signature}`;
}

export function staffText(employee: Employee, to: string, paragraphs: readonly string[]): string {
  return `Hi ${to},\n\n${paragraphs.filter(paragraph => paragraph !== '').join('\n\n')}\n\nBest regards\n${employee.name}\n${sample_domain}`;
}

/** A number from 0 up to, not including, 1 that depends on the text alone. */
export function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
