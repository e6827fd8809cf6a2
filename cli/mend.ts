/** How a person mends bytes: by another file, in an editor, or by a substitution. */

import { isUtf8 } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError, messageOf } from '../lib/errors.ts';

export type Mend = (bytes: Buffer) => Buffer;

/** One byte a character where the text is not UTF-8, so that what is not touched stays as it is. */
const encodingOf = (bytes: Buffer): BufferEncoding => (isUtf8(bytes) ? 'utf8' : 'latin1');

export const textOf = (bytes: Buffer): string => bytes.toString(encodingOf(bytes));

/** `s/pattern/replacement/flags`, as in sed, with JavaScript's patterns and `$1`. Throws MillraceError `usage`. */
export function substitution(expression: string): Mend {
  const [, delimiter = ''] = /^s([^\w\s\\])/.exec(expression) ?? [];
  const parts = delimiter === '' ? [] : partsOf(expression.slice(2), delimiter);
  if (parts.length !== 3) {
    throw new MillraceError('usage', `"${expression}" is no substitution such as s/pattern/replacement/g`);
  }
  const [pattern, replacement, flags] = parts as [string, string, string];
  const regex = regexOf(pattern, flags);
  const text = replacement.replace(/\\([\\nrt])/g, (_, letter: string) => escapes[letter] ?? letter);
  return bytes => {
    const encoding = encodingOf(bytes);
    return Buffer.from(bytes.toString(encoding).replace(regex, text), encoding);
  };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

/** Parted at the delimiter, unless a backslash stands before it. */
function partsOf(text: string, delimiter: string): string[] {
  const parts = [''];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    const next = text[at + 1];
    if (char === delimiter) parts.push('');
    else if (char === '\\' && next !== undefined) {
      parts[parts.length - 1] += next === delimiter ? next : char + next;
      at++;
    } else parts[parts.length - 1] += char;
  }
  return parts;
}

function regexOf(pattern: string, flags: string): RegExp {
  try {
    if (/^[gimsu]*$/.test(flags)) return new RegExp(pattern, flags);
  } catch (error) {
    throw new MillraceError('usage', messageOf(error));
  }
  throw new MillraceError('usage', `"${flags}" are no flags of a substitution: g, i, m, s and u are`);
}

/** Throws MillraceError `usage` where the file cannot be read. */
export function replacedBy(file: string): Mend {
  try {
    const bytes = readFileSync(file === '-' ? 0 : file);
    return () => bytes;
  } catch (error) {
    throw new MillraceError('usage', `${file}: ${messageOf(error)}`);
  }
}

/** In the person's editor, on a copy that nobody else can read. Throws MillraceError `editor` where that fails. */
export function edited(bytes: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  const file = join(folder, 'dead-letter');
  try {
    writeFileSync(file, bytes, { mode: 0o600 });
    const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
    // By a shell, since the variable may hold arguments.
    const { status, error } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    if (error || status !== 0) throw new MillraceError('editor', `the editor "${editor}" failed; nothing was changed`);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
