/** MIME to parts: headers, the text to read, attachments. The structure is mailparser's; the choice of text is ours. */
import { createHash } from 'node:crypto';
import { type AddressObject, type AttachmentStream, type EmailAddress, MailParser, type MessageText } from 'mailparser';
import { withResolvers } from '../../lib/lifecycle.ts';
import { readHeaderBlock, unfolded } from './header-block.ts';
import { htmlToText } from './html.ts';
import { decodeUtf7 } from './text.ts';

export interface MimeAttachment {
  filename: string;
  content_type: string;
  sha256: string;
  bytes: Buffer;
}

export interface MimeMail {
  /** In the order of the mail (newest Received first): lower-case name, and the value with its folding undone. */
  headers: { name: string; value: string }[];
  addresses: Record<AddressHeader, { name: string; address: string }[]>;
  /** Encoded words decoded. */
  subject: string;
  text: string;
  attachments: MimeAttachment[];
}

export interface MimeLimits {
  /** More parts are an error. */
  parts_max: number;
  /** Larger headers of one part are an error. */
  header_bytes_max: number;
  /** Further attachments are left to the original. */
  attachments_max: number;
  /** Further addresses of one header are left out. */
  addresses_max: number;
  /** Text is cut here. */
  text_characters_max: number;
}

/** The mail cannot be taken apart. */
export class MimeError extends Error {
  readonly code = 'mime';
  readonly retryable = false;
}

type AddressHeader = (typeof address_headers)[number];
const address_headers = ['from', 'reply-to', 'to', 'cc'] as const;

/** Rejects with `MimeError` where the mail passes a limit. */
export async function parseMime(original: Buffer, limits: MimeLimits): Promise<MimeMail> {
  const { headers, bytes } = readHeaderBlock(original);
  const { parser, attachments } = await parse(bytes, limits);
  const tree = partTree(parser);
  return {
    headers: headers ?? headersOf(parser),
    addresses: addressesOf(parser, limits.addresses_max),
    subject: stringOr(parser.subject, ''),
    text: textOf(hasWrongCharset(tree) ? await reread(tree, bytes, limits) : tree, limits.text_characters_max),
    attachments,
  };
}

async function parse(
  bytes: Buffer,
  limits: MimeLimits,
  fallbackCharset?: string,
): Promise<{ parser: MailParser; attachments: MimeAttachment[] }> {
  const parser = new MailParser({
    // HTML is converted below, four times as fast.
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    checksumAlgo: 'sha256',
    // A mail inside a mail is an attachment: its words are not the writer's.
    ignoreEmbedded: true,
    maxChildNodes: limits.parts_max,
    maxHeadSize: limits.header_bytes_max,
  });
  readNodesAs(parser, fallbackCharset);
  try {
    return { parser, attachments: await attachmentsOf(parser, bytes, limits.attachments_max) };
  } catch (cause) {
    parser.destroy();
    throw new MimeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Runs the parser over the mail. By its events: an iterator for each stream costs a tenth of the time. */
function attachmentsOf(parser: MailParser, bytes: Buffer, attachments_max: number): Promise<MimeAttachment[]> {
  const { promise, resolve, reject } = withResolvers<MimeAttachment[]>();
  const attachments: MimeAttachment[] = [];
  parser.on('error', reject);
  parser.on('data', (found: AttachmentStream | MessageText) => {
    if (found.type !== 'attachment') return;
    const chunks: Buffer[] = [];
    found.content.on('error', reject);
    found.content.on('data', (chunk: Buffer) => chunks.push(chunk));
    found.content.on('end', () => {
      if (attachments.length < attachments_max) attachments.push(attachmentOf(found, Buffer.concat(chunks)));
      // The parser goes on, and comes to its own end, only now.
      found.release?.();
    });
  });
  parser.on('end', () => resolve(attachments));
  parser.end(bytes);
  return promise;
}

function attachmentOf(found: AttachmentStream, bytes: Buffer): MimeAttachment {
  return {
    filename: stringOr(found.filename, ''),
    content_type: stringOr(found.contentType, 'application/octet-stream'),
    sha256: found.checksum ?? createHash('sha256').update(bytes).digest('hex'),
    bytes,
  };
}

/** mailparser's types promise strings where a broken header gives `false`. */
function stringOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function headersOf(parser: MailParser): MimeMail['headers'] {
  if (parser.headerLines === false) return [];
  return parser.headerLines.map(({ key, line }) => ({ name: key, value: unfolded(line) }));
}

function addressesOf(parser: MailParser, addresses_max: number): MimeMail['addresses'] {
  return {
    from: flatten(parser.from, addresses_max),
    'reply-to': flatten(parser.replyTo, addresses_max),
    to: flatten(parser.to, addresses_max),
    cc: flatten(parser.cc, addresses_max),
  };
}

/** Groups become their members. A header given twice counts as one. */
function flatten(
  header: AddressObject | AddressObject[] | undefined,
  addresses_max: number,
): { name: string; address: string }[] {
  const found: { name: string; address: string }[] = [];
  const add = ({ name, address, group }: EmailAddress): void => {
    if (found.length >= addresses_max) return;
    if (group !== undefined) group.forEach(add);
    else found.push({ name: stringOr(name, ''), address: stringOr(address, '') });
  };
  for (const { value } of header === undefined ? [] : [header].flat()) value.forEach(add);
  return found;
}

interface Part {
  content_type: string;
  text: string;
  children: Part[];
}

/**
 * mailparser joins the parts' texts into one string and drops HTML beside plain text with `skipHtmlToText`: a list's
 * plain footer would hide the HTML mail above it. Its part tree has what is needed to choose, but not in its types.
 */
function partTree(parser: MailParser): Part {
  return asPart(Reflect.get(parser, 'tree')) ?? { content_type: 'text/plain', text: '', children: [] };
}

function asPart(node: unknown): Part | null {
  if (typeof node !== 'object' || node === null) return null;
  const { contentType, charset, textContent, children } = node as Record<string, unknown>;
  const text = stringOr(textContent, '');
  return {
    content_type: stringOr(contentType, 'text/plain'),
    text: typeof charset === 'string' && /^utf-?7$/i.test(charset) ? decodeUtf7(text) : text,
    children: Array.isArray(children) ? children.map(asPart).filter(part => part !== null) : [],
  };
}

/**
 * Text in another charset than it names, or than UTF-8 where it names none: bytes that are no UTF-8 became replacement
 * characters, and hardly any other character beyond ASCII is there.
 */
function isMisread(text: string): boolean {
  if (!text.includes('\ufffd')) return false;
  let replaced = 0;
  let decoded = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0xfffd) replaced++;
    else if (unit > 0x7f) decoded++;
  }
  return replaced > decoded;
}

function hasWrongCharset(part: Part): boolean {
  return isMisread(part.text) || part.children.some(hasWrongCharset);
}

/** The misread parts read again as windows-1252, what mailers that name no charset or a wrong one mostly used. */
async function reread(tree: Part, bytes: Buffer, limits: MimeLimits): Promise<Part> {
  const { parser } = await parse(bytes, limits, 'windows-1252');
  const choose = (first: Part, second: Part | undefined): Part => ({
    ...first,
    text: second !== undefined && isMisread(first.text) ? second.text : first.text,
    children: first.children.map((child, index) => choose(child, second?.children[index])),
  });
  return choose(tree, partTree(parser));
}

/** What is read here of mailparser's node of a part, and changed before it decides what the part is. */
interface PartNode {
  contentType: string | false;
  disposition: string | false;
  filename: string | false;
  charset: string | false;
  readonly parentNode: PartNode | false;
  readonly headers: { hasHeader(name: string): boolean } | false;
}

/**
 * mailparser has no options for these. A part of a digest that names no type is a mail (RFC 2046, section 5.1.5). A text with a
 * file's name that is not the first part beside others is a file, even one to be shown inline (RFC 8621, section 4.1.4). With a
 * fallback charset, text that names no charset, ASCII or UTF-8 is read in that.
 */
function readNodesAs(parser: MailParser, fallbackCharset: string | undefined): void {
  const createNode: unknown = Reflect.get(parser, 'createNode');
  if (typeof createNode !== 'function') return;
  const parents = new WeakSet<PartNode>();
  Reflect.set(parser, 'createNode', (node: PartNode) => {
    const parent = node.parentNode;
    if (
      parent &&
      parent.contentType === 'multipart/digest' &&
      node.headers &&
      !node.headers.hasHeader('content-type')
    ) {
      node.contentType = 'message/rfc822';
    } else if (parent && parents.has(parent) && node.filename && parent.contentType !== 'multipart/alternative') {
      node.disposition = 'attachment';
    }
    if (parent) parents.add(parent);
    if (fallbackCharset !== undefined && (!node.charset || /^(?:us-?ascii|ascii|utf-?8)$/i.test(node.charset)))
      node.charset = fallbackCharset;
    return Reflect.apply(createNode, parser, [node]);
  });
}

function textOf(root: Part, characters_max: number): string {
  const texts: string[] = [];
  let left = characters_max;
  for (const part of readable(root)) {
    if (left <= 0) break;
    const text = part.content_type === 'text/html' ? htmlToText(part.text, left) : part.text.slice(0, left);
    if (text.trim() === '') continue;
    texts.push(text);
    left -= text.length;
  }
  return texts.join('\n');
}

/** The parts with text to read: of alternatives the plain one, unless it is blank. */
function readable(part: Part): Part[] {
  const parts = [...(part.text === '' ? [] : [part]), ...part.children.flatMap(readable)];
  if (part.content_type !== 'multipart/alternative') return parts;
  const plain = parts.filter(({ content_type, text }) => content_type !== 'text/html' && text.trim() !== '');
  return plain.length > 0 ? plain : parts;
}
