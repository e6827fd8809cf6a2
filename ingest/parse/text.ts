/** Strings that are valid UTF-8 and bounded, out of whatever a sender wrote. */
import { isUtf8 } from 'node:buffer';

/** Replaces lone surrogates, which UTF-8 cannot carry, and NUL, which ends strings in many readers. */
export function cleanText(text: string): string {
  const wellFormed = /[\ud800-\udfff]/.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text;
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\ufffd') : wellFormed;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const controls = /[\u0001-\u0020\u007f\u2028\u2029]+/g;

/** One line: as `cleanText`, with runs of spaces, line breaks and other control characters as one space, trimmed. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(controls, ' ').trim();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const unprintable = /[\u0001-\u001f\u007f]+/g;

/** As `cleanText`, without line breaks and other control characters; spaces stay as they are. */
export function cleanIdentifier(text: string): string {
  return cleanText(text).replace(unprintable, '');
}

/** At most `bytes_max` bytes of UTF-8, cut between characters. */
export function capBytes(text: string, bytes_max: number): string {
  if (text.length * 3 <= bytes_max) return text;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= bytes_max) return text;
  let end = bytes_max;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/**
 * Header bytes (one character a byte) as text: UTF-8 where they are, else windows-1252, which is what mailers that
 * wrote unencoded headers used. ASCII is both.
 */
export function decodeHeaderBytes(binary: string): string {
  if (!/[\u0080-\u00ff]/.test(binary)) return binary;
  const bytes = Buffer.from(binary, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes);
}

const windows1252 = new TextDecoder('windows-1252');

/**
 * A header block whose every line is UTF-8, in place of one with bytes that a mailer forgot to encode: inside an
 * encoded word they are of its charset and become `=XX`, elsewhere they are read as `decodeHeaderBytes` does.
 */
export function repairHeaderBlock(block: Buffer): Buffer {
  const binary = block.toString('latin1');
  if (!/[\u0080-\u00ff]/.test(binary)) return block;
  const repaired = binary.split('\n').map(line => {
    if (!/[\u0080-\u00ff]/.test(line)) return line;
    const words = line.replace(/=\?[\w-]{1,40}\?q\?[^?\s]{1,200}\?=/gi, word =>
      word.replace(/[\u0080-\u00ff]/g, byte => `=${byte.charCodeAt(0).toString(16).toUpperCase()}`),
    );
    return decodeHeaderBytes(words);
  });
  return Buffer.from(repaired.join('\n'), 'utf8');
}

/** UTF-7 (RFC 2152), which general decoders refuse because it can hide markup; what comes out here is only text. */
export function decodeUtf7(text: string): string {
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_, base64: string) =>
    base64 === '' ? '+' : Buffer.from(base64, 'base64').subarray(0, evenLength(base64)).swap16().toString('utf16le'),
  );
}

/** Whole UTF-16 units in so many base64 digits, in bytes. */
function evenLength(base64: string): number {
  return Math.floor((base64.length * 6) / 16) * 2;
}
