/**
 * A mail's own headers, read here, and the mail with only those that the MIME parser needs: it decodes every header it is
 * given, and servers on the way add more of them than writers do.
 */
import { repairHeaderBlock } from './text.ts';

export interface HeaderBlock {
  /** Null where the block is too odd to be read here: the parser has all of it then. */
  headers: { name: string; value: string }[] | null;
  /** The mail to parse. */
  bytes: Buffer;
}

/** A larger block is left to the parser, which counts it against its limits. */
const block_bytes_max = 64 * 1024;

export function readHeaderBlock(original: Buffer): HeaderBlock {
  const end = blockEnd(original);
  const block = original.subarray(0, end);
  const repaired = repairHeaderBlock(block);
  const lines = repaired.length <= block_bytes_max ? headerLines(repaired.toString('latin1')) : null;
  if (lines === null) {
    return { headers: null, bytes: repaired === block ? original : Buffer.concat([repaired, original.subarray(end)]) };
  }
  const needed = lines.filter(({ name }) => isNeeded(name)).map(({ line }) => line);
  // A mail without a header begins with the empty line.
  const kept = needed.length === 0 ? '' : `${needed.join('\r\n')}\r\n`;
  return {
    headers: lines.map(({ name, line }) => ({ name, value: unfolded(line) })),
    bytes: Buffer.concat([Buffer.from(kept, 'latin1'), original.subarray(Math.min(end + 1, original.length))]),
  };
}

/** The line feed that ends the last header. */
function blockEnd(bytes: Buffer): number {
  const bare = bytes.indexOf('\n\n');
  const withReturn = bytes.subarray(0, bare < 0 ? bytes.length : bare).indexOf('\n\r\n');
  return withReturn >= 0 ? withReturn : bare >= 0 ? bare : bytes.length;
}

const field = /^([!-9;-~]+)[ \t]*:/;

/** Null unless every line is a field or goes on with one. */
function headerLines(block: string): { name: string; line: string }[] | null {
  const found: { name: string; line: string }[] = [];
  for (const line of block.replace(/\r$/, '').split(/\r?\n/)) {
    const last = found.at(-1);
    const name = field.exec(line)?.[1];
    if (name !== undefined) found.push({ name: name.toLowerCase(), line });
    else if (last !== undefined && /^[ \t]/.test(line)) last.line += `\r\n${line}`;
    else return null;
  }
  return found;
}

const needed = new Set(['from', 'reply-to', 'to', 'cc', 'subject', 'mime-version']);
const isNeeded = (name: string): boolean => needed.has(name) || name.startsWith('content-');

/** The value of a header's lines. */
export function unfolded(line: string): string {
  return line
    .slice(line.indexOf(':') + 1)
    .replace(/\r?\n/g, ' ')
    .trim();
}
