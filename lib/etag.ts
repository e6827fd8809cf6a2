/** Entity tags (RFC 9110 8.8.3): whoever has an answer already is told so, and is not sent it again. */
import { createHash } from 'node:crypto';

export const etagOf = (body: string | Uint8Array): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

/** Whether an `If-None-Match` names the tag; compared weakly, as it has to be. */
export function isKnown(etag: string, if_none_match: string | undefined): boolean {
  if (if_none_match === undefined) return false;
  if (if_none_match === etag) return true;
  const named = if_none_match.split(',').map(tag => tag.trim().replace(/^W\//, ''));
  return named.includes(etag) || named.includes('*');
}
