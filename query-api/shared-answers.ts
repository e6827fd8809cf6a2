/**
 * Answers as the instances of an api share them. Their names are keyed with the secret that all roles of an installation have:
 * two installations in one Redis never meet, and what somebody asked for is not written there.
 */
import { createHmac } from 'node:crypto';
import type { SecondLayer } from '../lib/cache.ts';
import type { SharedTexts } from '../lib/cache-redis.ts';
import type { Reply } from '../lib/http.ts';
import { parseJson } from '../lib/json.ts';

export interface SharedAnswersOptions {
  readonly texts: SharedTexts;
  readonly secret: string;
  /** Of this program: another one may answer in other words. */
  readonly program_version: string;
}

export function sharedAnswers({ texts, secret, program_version }: SharedAnswersOptions): SecondLayer<Reply> {
  const nameOf = (key: string): string =>
    `millrace:answer:${createHmac('sha256', secret).update(`${program_version}\n${key}`).digest('base64url')}`;
  return {
    async get(key) {
      const found = await texts.get(nameOf(key));
      const value = found && replyOf(found.text);
      return value && { value, ttl_ms: found.ttl_ms };
    },
    put(key, reply, ttl_ms) {
      texts.put(nameOf(key), textOf(reply), ttl_ms);
    },
  };
}

/** The body is text already, and JSON within JSON would be half as long again. */
export const textOf = ({ headers = {}, body }: Reply): string =>
  `${JSON.stringify(headers)}\n${body instanceof Uint8Array ? new TextDecoder().decode(body) : body}`;

export function replyOf(text: string): Reply | null {
  const head = text.indexOf('\n');
  const headers = parseJson(text.slice(0, Math.max(0, head)));
  if (!('value' in headers)) return null;
  return {
    status: 200,
    headers: headers.value as Record<string, string>,
    body: new TextEncoder().encode(text.slice(head + 1)),
  };
}
