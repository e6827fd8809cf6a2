/** Whether a webhook comes from whom it says. Compared in constant time; no secret is in any answer. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HookSettings } from './settings.ts';

export interface Delivery {
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly now_ms: number;
}

/** How old a signed time may be, and how far ahead: beyond it a recorded request could be sent again. */
export const tolerance_ms = 5 * 60 * 1000;

/** Null where it does; otherwise what is wrong, for the sender. */
export function verificationFault(verify: HookSettings['verify'], secret: string, delivery: Delivery): string | null {
  const { headers, body } = delivery;
  switch (verify.scheme) {
    case 'hmac-sha256':
      return signed(headers.get(verify.header), verify.header, value =>
        same(value, verify.prefix + hmac(secret, body, verify.encoding)),
      );
    case 'github':
      return signed(headers.get('x-hub-signature-256'), 'X-Hub-Signature-256', value =>
        same(value, `sha256=${hmac(secret, body, 'hex')}`),
      );
    case 'shopify':
      return signed(headers.get('x-shopify-hmac-sha256'), 'X-Shopify-Hmac-Sha256', value =>
        same(value, hmac(secret, body, 'base64')),
      );
    case 'stripe':
      return stripeFault(secret, delivery);
    case 'standard-webhooks':
      return standardFault(secret, delivery);
    case 'token':
      return signed(headers.get(verify.header), verify.header, value => same(value.replace(/^Bearer /i, ''), secret));
    case 'basic':
      return signed(headers.get('authorization'), 'Authorization', value =>
        same(value.replace(/^Basic /i, ''), Buffer.from(`${verify.user}:${secret}`).toString('base64')),
      );
  }
}

function signed(value: string | undefined, header: string, isRight: (value: string) => boolean): string | null {
  if (value === undefined) return `the header ${header} is missing`;
  return isRight(value.trim()) ? null : `the header ${header} is not what the secret makes it`;
}

/** https://docs.stripe.com/webhooks#verify-manually: `t=…,v1=…`, of which any v1 may be the right one. */
function stripeFault(secret: string, { headers, body, now_ms }: Delivery): string | null {
  const parts = (headers.get('stripe-signature') ?? '').split(',').map(part => part.trim().split('=', 2));
  const at = parts.find(([name]) => name === 't')?.[1];
  if (at === undefined) return 'the header Stripe-Signature is missing or has no time';
  if (!isFresh(at, now_ms)) return 'the signature is too old';
  const expected = hmac(secret, Buffer.concat([Buffer.from(`${at}.`), body]), 'hex');
  const right = parts.some(([name, value]) => name === 'v1' && same(value ?? '', expected));
  return right ? null : 'the header Stripe-Signature is not what the secret makes it';
}

/** https://www.standardwebhooks.com: several signatures, each `v1,base64`; the secret is base64 behind `whsec_`. */
function standardFault(secret: string, { headers, body, now_ms }: Delivery): string | null {
  const id = headers.get('webhook-id');
  const at = headers.get('webhook-timestamp');
  if (id === undefined || at === undefined) return 'the header webhook-id or webhook-timestamp is missing';
  if (!isFresh(at, now_ms)) return 'the signature is too old';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = hmac(key, Buffer.concat([Buffer.from(`${id}.${at}.`), body]), 'base64');
  const given = (headers.get('webhook-signature') ?? '').split(' ');
  const right = given.some(one => one.startsWith('v1,') && same(one.slice(3), expected));
  return right ? null : 'the header webhook-signature is not what the secret makes it';
}

function isFresh(seconds: string, now_ms: number): boolean {
  return /^\d{1,12}$/.test(seconds) && Math.abs(now_ms - Number(seconds) * 1000) <= tolerance_ms;
}

function hmac(key: string | Buffer, bytes: Buffer, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(bytes).digest(encoding);
}

/** Of digests, so that not even the lengths are told. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
