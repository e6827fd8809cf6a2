/** Cursors: JSON in base64url. Clients keep them, so what comes back may be anything. */
import type { z } from 'zod';

const cursor_chars_max = 4_096;

export function encodeOpaque(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Null for whatever the schema did not make. */
export function decodeOpaque<T>(schema: z.ZodType<T>, text: string): T | null {
  if (text.length > cursor_chars_max || !/^[\w-]+$/.test(text)) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
