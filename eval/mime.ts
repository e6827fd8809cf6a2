/**
 * Whether mails are taken apart right: of each `NAME.eml` with plain text, whether all its words are read, as `NAME.json` has them (the
 * fixtures of Stalwart's mail-parser: `parts`, of which `text_body` names those to read).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMail } from '../ingest/parse/mail.ts';
import type { Figure } from './figure.ts';

interface Expected {
  readonly text_body: readonly number[];
  readonly parts: readonly { readonly body: { readonly Text?: string } }[];
}

const owner = { organization_id: 'eval', mailbox: '', owner_id: '', team_id: '' };

export async function* mime(data: string): AsyncGenerator<Figure> {
  for (const folder of ['legacy', 'rfc']) {
    const path = join(data, 'mime', folder);
    if (!existsSync(path)) continue;
    let [right, examples] = [0, 0];
    for (const file of readdirSync(path).filter(name => name.endsWith('.eml'))) {
      const expected = JSON.parse(readFileSync(join(path, file.replace(/eml$/, 'json')), 'utf8')) as Expected;
      const words = expected.text_body
        .map(part => wordsOf(expected.parts[part]?.body.Text ?? ''))
        .filter(text => text !== '');
      if (words.length === 0) continue;
      examples++;
      if ((await read(join(path, file))) === words.join(' ')) right++;
    }
    yield { what: "MIME: a mail's texts right", data: folder, measure: 'share', value: right / examples, examples };
  }
}

/** A mail that is refused has no words; one that throws ends the measuring. */
async function read(path: string): Promise<string> {
  const parsed = await parseMail(readFileSync(path), { ...owner, now_ms: 0 });
  return parsed.reject === undefined ? wordsOf(`${parsed.email.text} ${parsed.email.quoted_text}`) : '';
}

function wordsOf(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(' ');
}
