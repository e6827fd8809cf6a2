/** Raw mails, as a server delivers them. */
import { createHash } from 'node:crypto';
import { sample_domain } from '../../schemas/sample.ts';
import { company_name } from './company.ts';

export interface Correspondent {
  name: string;
  address: string;
}

export interface Message {
  from: Correspondent;
  to: readonly Correspondent[];
  cc?: readonly Correspondent[];
  subject: string;
  /** With its brackets. */
  message_id: string;
  /** The thread so far, oldest first. */
  references?: readonly string[];
  text: string;
  /** The text as HTML too, as most mail programs send it. */
  html?: boolean;
  /** What is quoted below the text. */
  quoted?: { from: Correspondent; at_ms: number; text: string };
  /** Further header lines. */
  headers?: readonly string[];
  attachments?: readonly { filename: string; content_type: string; bytes: Buffer }[];
}

/** Milliseconds since 1970 as RFC 5322 writes a date. */
export function mailDate(at_ms: number): string {
  return new Date(at_ms).toUTCString().replace('GMT', '+0000');
}

export function messageBytes(message: Message, at_ms: number): Buffer {
  const headers = [
    `Received: from mail.${domainOf(message.from)} by mx.${sample_domain} with ESMTPS; ${mailDate(at_ms)}`,
    `From: ${addressText(message.from)}`,
    `To: ${message.to.map(addressText).join(', ')}`,
    ...(message.cc === undefined ? [] : [`Cc: ${message.cc.map(addressText).join(', ')}`]),
    // A mail is under way for some seconds.
    `Date: ${mailDate(at_ms - 4_000)}`,
    `Subject: ${encoded(message.subject)}`,
    `Message-ID: ${message.message_id}`,
    ...threadHeaders(message.references ?? []),
    ...(message.headers ?? []),
    'MIME-Version: 1.0',
  ];
  return Buffer.from([...headers, ...bodyLines(message)].join('\r\n').concat('\r\n'), 'utf8');
}

function domainOf({ address }: Correspondent): string {
  return address.slice(address.indexOf('@') + 1);
}

function addressText({ name, address }: Correspondent): string {
  return name === '' ? address : `${isAscii(name) ? `"${name}"` : encoded(name)} <${address}>`;
}

function threadHeaders(references: readonly string[]): string[] {
  const parent = references.at(-1);
  return parent === undefined ? [] : [`In-Reply-To: ${parent}`, `References: ${references.join('\r\n ')}`];
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function encoded(text: string): string {
  return isAscii(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

/** Everything below the first headers, theirs that describe the content included. */
function bodyLines(message: Message): string[] {
  const content = contentLines(message);
  if (message.attachments === undefined) return content;
  const boundary = boundaryOf(message, 'mixed');
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    ...content,
    ...message.attachments.flatMap(({ filename, content_type, bytes }) => [
      `--${boundary}`,
      `Content-Type: ${content_type}; name="${filename}"`,
      `Content-Disposition: attachment; filename="${filename}"`,
      'Content-Transfer-Encoding: base64',
      '',
      ...base64Lines(bytes),
    ]),
    `--${boundary}--`,
  ];
}

function contentLines(message: Message): string[] {
  const plain = [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...plainLines(message),
  ];
  if (message.html !== true) return plain;
  const boundary = boundaryOf(message, 'alternative');
  return [
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    ...plain,
    `--${boundary}`,
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...htmlLines(message),
    `--${boundary}--`,
  ];
}

function plainLines({ text, quoted }: Message): string[] {
  const own = text.split('\n');
  if (quoted === undefined) return own;
  const attribution = `On ${mailDate(quoted.at_ms).slice(0, 22)}, ${quoted.from.name} <${quoted.from.address}> wrote:`;
  return [...own, '', attribution, ...quoted.text.split('\n').map(line => `> ${line}`.trimEnd())];
}

function htmlLines({ text, quoted }: Message): string[] {
  const own = paragraphsOf(text);
  if (quoted === undefined) return ['<html><body>', ...own, '</body></html>'];
  const attribution = `On ${mailDate(quoted.at_ms).slice(0, 22)}, ${escapeHtml(quoted.from.name)} wrote:`;
  return [
    '<html><body>',
    ...own,
    `<div class="${company_name.toLowerCase()}_attr">${attribution}</div>`,
    '<blockquote type="cite">',
    ...paragraphsOf(quoted.text),
    '</blockquote>',
    '</body></html>',
  ];
}

function paragraphsOf(text: string): string[] {
  return text.split('\n\n').map(paragraph => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function base64Lines(bytes: Buffer): string[] {
  return bytes.toString('base64').match(/.{1,76}/g) ?? [];
}

function boundaryOf({ message_id }: Message, kind: string): string {
  return `=_${createHash('sha256').update(`${kind}${message_id}`).digest('hex').slice(0, 20)}`;
}
