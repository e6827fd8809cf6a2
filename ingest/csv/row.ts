/** One CSV row as the object that an NDJSON line would be. What is wrong with it is thrown as `RowFault`. */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { parseDate } from '../parse/headers.ts';
import { isEmailAddress } from '../parse/schema.ts';
import type { Mapping, Place } from './mapping.ts';
import { readNumber, readTime, type TimeReading } from './values.ts';

export class RowFault extends Error {}

export interface RowReader {
  readonly header: readonly string[];
  readonly mapping: Mapping;
  readonly delimiter: string;
  readonly times: TimeReading;
  /** The time of a change whose row tells none, in milliseconds since 1970; the same whenever the file is read. */
  readonly default_ms: number;
}

/** Asked to stream: Node's short cut for whole texts reads Latin-1, which has no signs between 0x80 and 0x9f. */
const windows_1252 = new TextDecoder('windows-1252');

/** Cells of one row, or of the header. Throws RowFault. */
export function cellsOf(bytes: Buffer, delimiter: string): string[] {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : windows_1252.decode(bytes, { stream: true });
  try {
    const rows = parse(text, { delimiter, relax_column_count: true }) as string[][];
    return rows[0] ?? [];
  } catch (error) {
    throw new RowFault(error instanceof Error ? error.message : String(error));
  }
}

/** Throws RowFault. */
export function lineOf(bytes: Buffer, reader: RowReader): Record<string, unknown> {
  const cells = cellsOf(bytes, reader.delimiter);
  if (cells.length !== reader.header.length) {
    throw new RowFault(`the row has ${cells.length} cells, the header ${reader.header.length}`);
  }
  const row = rowOf(new Map(reader.header.map((name, i) => [name, (cells[i] as string).trim()])), reader);
  const { mapping } = reader;
  if (mapping.record === 'mail') return mailLine(row);
  return mapping.record === 'event' ? eventLine(row) : crmLine(row, mapping);
}

interface Row {
  /** Every cell that is not empty, by its column. */
  readonly cells: Record<string, string>;
  /** Of a field of the record; empty where there is none. */
  text(field: string): string;
  /** Throws RowFault where the row has none. */
  needed(field: string): string;
  /** ISO 8601; the file's own time where the row tells none. Throws RowFault. */
  time(field: string): string;
}

function rowOf(cells: ReadonlyMap<string, string>, { mapping, times, default_ms }: RowReader): Row {
  const text = (field: string): string => {
    const place = (mapping.columns as Record<string, Place | undefined>)[field];
    return place === undefined ? '' : valueAt(place, cells);
  };
  return {
    cells: Object.fromEntries([...cells].filter(([name, cell]) => name !== '' && cell !== '')),
    text,
    needed(field) {
      const found = text(field);
      if (found === '') throw new RowFault(`${field}: the row has none`);
      return found;
    },
    time(field) {
      const written = text(field);
      if (written === '') return new Date(default_ms).toISOString();
      const read = readTime(written, times);
      if ('fault' in read) throw new RowFault(`${field}: ${read.fault}`);
      return new Date(read.at_ms).toISOString();
    },
  };
}

const crm_texts = ['change_id', 'email', 'name', 'account', 'stage', 'outcome', 'owner', 'team'];

function crmLine(row: Row, { record, decimal }: Pick<Mapping, 'record' | 'decimal'>): Record<string, unknown> {
  const amount = row.text('amount');
  const number = readNumber(amount, decimal);
  if (amount !== '' && Number.isNaN(number)) throw new RowFault(`amount: "${amount}" is no number`);
  const texts = crm_texts.map(field => [field, row.text(field)] as const).filter(([, text]) => text !== '');
  return {
    crm: record,
    id: row.needed('id'),
    changed_at: row.time('changed_at'),
    ...Object.fromEntries(texts),
    ...(amount === '' ? {} : { amount: number }),
    fields: row.cells,
  };
}

function eventLine(row: Row): Record<string, unknown> {
  const email = row.text('email').toLowerCase();
  if (email !== '' && !isEmailAddress(email)) throw new RowFault(`email: "${email}" is no e-mail address`);
  const type = row.needed('type');
  return {
    specversion: '1.0',
    // Without an id of its own a row is what it says: the same one again is the same event.
    id: row.text('id') || createHash('sha256').update(JSON.stringify(row.cells)).digest('hex'),
    source: `csv:${type}`,
    type,
    time: row.time('time'),
    ...(email === '' ? {} : { subject: email }),
    data: row.cells,
  };
}

/** A raw mail: what parses mails reads its addresses, and its content is its identity where it has no Message-ID. */
function mailLine(row: Row): Record<string, unknown> {
  const from = row.needed('from');
  if (!/[^\s<>@]@[^\s<>@]/.test(from)) throw new RowFault(`from: "${from}" has no e-mail address`);
  const id = row.text('message_id').replace(/^<|>$/g, '');
  const headers = {
    From: from,
    To: row.text('to'),
    Cc: row.text('cc'),
    Subject: row.text('subject'),
    Date: mailDate(row),
    'Message-ID': id && `<${id}>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
  };
  // A line feed in a cell would begin a header of its own.
  const lines = Object.entries(headers).flatMap(([name, text]) =>
    text ? [`${name}: ${text.replace(/[\s\p{Cc}]+/gu, ' ')}`] : [],
  );
  return { mail: `${lines.join('\r\n')}\r\n\r\n${row.text('body')}\r\n` };
}

/** As mails write it already, or any time that other records may have; empty where the row tells none. */
function mailDate(row: Row): string {
  const written = row.text('date');
  if (written === '' || (/^[A-Z][a-z]{2},? \d/.test(written) && parseDate(written) !== null)) return written;
  return new Date(row.time('date')).toUTCString();
}

function valueAt(place: Place, row: ReadonlyMap<string, string>): string {
  if (typeof place === 'string') return row.get(place) ?? '';
  if (Array.isArray(place))
    return place
      .map(name => row.get(name) ?? '')
      .filter(Boolean)
      .join(' ');
  if ('value' in place) return String(place.value);
  const cell = (row.get(place.column) ?? '').toLowerCase();
  const translated = Object.entries(place.values).find(([from]) => from.toLowerCase() === cell);
  return translated?.[1] ?? '';
}
