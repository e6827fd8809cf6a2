import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseMail } from '../ingest/parse/mail.ts';
import type { Email } from '../schemas/generated.ts';

export interface LabelledText {
  readonly text: string;
  /** −1, 0 or 1. */
  readonly label: number;
  /** The mean of people's ratings, −4 to 4, where the file has it. */
  readonly rating?: number;
  /** Which review the sentence is of, where the file has it. */
  readonly review?: string;
}

/** One JSON object a line: `t` the text, `y` the label, `g` the mean rating, `id` the review and the sentence's number in it. Escapes that the collectors left in are undone. */
export function readTexts(path: string): LabelledText[] {
  const lines = readGzip(path).toString('utf8').trim().split('\n');
  return lines.map(line => {
    const { t, y, g, id } = JSON.parse(line) as { t: string; y: number; g?: number; id?: string };
    const text = t.replaceAll('\\u2019', '’').replaceAll('\\u002c', ',');
    const review = id?.split('_')[0];
    return { text, label: y, ...(g !== undefined && { rating: g }), ...(review !== undefined && { review }) };
  });
}

/** The mails of a gzipped mbox, in its order. */
export async function readMbox(path: string): Promise<Email[]> {
  const mails = readGzip(path)
    .toString('latin1')
    .split(/^From .*\d{4}\r?\n/m)
    .slice(1);
  return Promise.all(mails.map(mail => parse(Buffer.from(mail, 'latin1'))));
}

export interface CategorisedMail {
  readonly email: Email;
  /** As in the archive's categories.txt: `1.2` is "purely personal". */
  readonly categories: ReadonlySet<string>;
}

/** A gzipped tar of `ID.txt` (a mail) and `ID.cats` (lines of `class,category,votes`). */
export async function readCategorised(path: string): Promise<CategorisedMail[]> {
  const files = readTar(readGzip(path));
  const mails = [...files].filter(([name]) => files.has(name.replace(/\.txt$/, '.cats')) && name.endsWith('.txt'));
  return Promise.all(
    mails.map(async ([name, bytes]) => {
      const votes =
        files
          .get(name.replace(/\.txt$/, '.cats'))
          ?.toString('utf8')
          .trim()
          .split('\n') ?? [];
      const categories = new Set(votes.map(vote => vote.split(',').slice(0, 2).join('.')));
      return { email: await parse(bytes), categories };
    }),
  );
}

const tar_block_bytes = 512;

function readTar(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + tar_block_bytes <= bytes.length && bytes[at] !== 0; ) {
    const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 136), 8) || 0;
    files.set(name, bytes.subarray(at + tar_block_bytes, at + tar_block_bytes + size));
    at += tar_block_bytes * (1 + Math.ceil(size / tar_block_bytes));
  }
  return files;
}

function readGzip(path: string): Buffer {
  return gunzipSync(readFileSync(path));
}

/** As the connectors read it. Throws where it is no mail. */
async function parse(bytes: Buffer): Promise<Email> {
  const parsed = await parseMail(bytes, { ...nobody, now_ms: Date.UTC(2030, 0) });
  if (parsed.reject) throw new Error(`eval: ${parsed.reject.message}`);
  return parsed.email;
}

const nobody = { organization_id: 'eval', mailbox: '', owner_id: '', team_id: '' };

/** Names of the files of a folder with that ending, in order; none where there is no such folder. */
export function filesIn(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => name.endsWith(ending))
    .sort();
}
