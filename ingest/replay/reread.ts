/** The bytes of a dead letter, as they came or mended, read anew by what read them first. Bad data is an answer again. */

import { z } from 'zod';
import type { SourceDefinition } from '../../lib/connector.ts';
import type { Rejection } from '../../lib/dead-letter.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Registry } from '../../lib/registry.ts';
import type { Store } from '../../lib/store.ts';
import type { Owner } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import { csv_head_bytes } from '../csv/header.ts';
import { mappingSchema } from '../csv/mapping.ts';
import { parseRow, rowReader } from '../csv/reader.ts';
import type { HookSettings } from '../hooks/settings.ts';
import type { HeldItem } from '../parse/bounded.ts';
import { headOf } from '../parse/bytes.ts';
import { type ParsedLine, parseLine } from '../parse/line.ts';
import { default_line_bytes_max } from '../parse/lines.ts';
import type { Reject } from '../parse/mail.ts';
import { default_mail_bytes_max } from '../parse/mbox.ts';
import { type ReadLine, recordOf } from '../read-line.ts';
import { readMail } from '../read-mail.ts';
import { parseDelivery } from '../receive.ts';
import { anyTopic, type LetterToReplay, type Reread, refused } from './letter.ts';
import { createRecordReader } from './record.ts';

export interface RereadOptions {
  readonly registry: Registry;
  readonly hooks: Readonly<Record<string, HookSettings>>;
  sourceOf(organization_id: string, source: string): Promise<SourceDefinition | null>;
}

export type Rereader = (letter: LetterToReplay, bytes: Buffer, store: Pick<Store, 'put'>) => Promise<Reread>;

const mail_stages = ['mbox', 'eml', 'maildir'];
/** A line may carry a mail, whose bytes are then the dead letter's. */
const mail_causes: readonly string[] = ['empty', 'not-a-mail', 'mime'] satisfies Reject['cause'][];

const isMail = ({ stage, cause }: LetterToReplay): boolean =>
  mail_stages.includes(stage) || mail_causes.includes(cause);

/** What the client takes for one record, less some room for its lineage. */
const record_bytes_max = 900_000;

/** What whoever read it first takes. */
export function bytesMax(letter: LetterToReplay): number {
  if (letter.topic !== null) return record_bytes_max;
  return isMail(letter) ? default_mail_bytes_max : default_line_bytes_max;
}

export const tooLarge = (size_bytes: number, letter: LetterToReplay): { refusal: Rejection } =>
  refused('too-large', `it has ${size_bytes} bytes, more than the ${bytesMax(letter)} that are accepted`);

export function createRereader({ registry, hooks, sourceOf }: RereadOptions): Rereader {
  const readRecord = createRecordReader(registry);

  return async (letter, bytes, store) => {
    if (bytes.length > bytesMax(letter)) return tooLarge(bytes.length, letter);
    if (letter.topic !== null) return readRecord(letter.topic, bytes);
    const now_ms = Date.now();
    const { owner } = letter;
    const held: HeldItem = { oversize: false, bytes, start: 0, end: bytes.length, truncated: false };
    if (isMail(letter)) return rereadOf({ mail: await readMail(held, owner, store, now_ms) }, owner);
    const parsed = await parse(letter, bytes, now_ms);
    return rereadOf(await recordOf(parsed, held, owner, store, now_ms), owner);
  };

  async function parse(letter: LetterToReplay, bytes: Buffer, now_ms: number): Promise<ParsedLine> {
    const { stage, source, owner } = letter;
    const hook = /^hook:(.*)$/s.exec(source)?.[1];
    if (stage === 'submission' && hook !== undefined) return parseHook(hook, bytes, owner, now_ms);
    // A row may be mended into a line of its own, where its file or its mapping is the fault.
    if (stage === 'csv' && bytes[0] !== brace)
      return parseCsv(await sourceOf(owner.organization_id, source), bytes, now_ms);
    return parseLine(bytes, owner, now_ms);
  }

  /** Its headers were not kept: a delivery that is told by one is told by its body's hash. */
  function parseHook(name: string, body: Buffer, owner: Owner, now_ms: number): ParsedLine {
    const settings = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
    if (!settings) return { reject: { cause: 'schema', message: `the hook "${name}" is not configured any more` } };
    const [line, ...others] = parseDelivery(name, settings, { headers: new Map(), body, now_ms }, owner);
    if (line && others.length === 0) return line;
    const message = `the delivery holds ${others.length + (line ? 1 : 0)} records: leave the one in it that failed`;
    return { reject: { cause: 'schema', message } };
  }
}

const brace = 0x7b;
const csvConfig = z.object({ path: z.string(), mapping: mappingSchema });

async function parseCsv(source: SourceDefinition | null, bytes: Buffer, now_ms: number): Promise<ParsedLine> {
  const config = source && csvConfig.safeParse(JSON.parse(source.config));
  if (!source || !config?.success) return noHeader('its source is not known any more');
  const { path, mapping } = config.data;
  try {
    const reader = await rowReader(await headOf(path, csv_head_bytes), mapping, source.created_at_ms);
    return parseRow(bytes, reader, source.owner, now_ms);
  } catch (error) {
    return noHeader(messageOf(error));
  }
}

const noHeader = (why: string): ParsedLine => ({
  reject: { cause: 'csv', message: `the columns of its file cannot be read (${why}): mend it into an NDJSON line` },
});

function rereadOf(read: ReadLine, { organization_id }: Owner): Reread {
  if ('change' in read) return { topic: anyTopic(topics.crmChanged), draft: read.change, organization_id };
  if ('event' in read) return { topic: anyTopic(topics.eventReceived), draft: read.event, organization_id };
  if ('rejection' in read) return { refusal: read.rejection };
  const { mail } = read;
  if ('rejection' in mail) return { refusal: mail.rejection };
  return { topic: anyTopic(topics.emailReceived), draft: mail.draft, organization_id };
}
