import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hookSettings } from './settings.ts';
import { tolerance_ms, verificationFault } from './verify.ts';

const secret = 'a-secret-of-the-sender';
const body = Buffer.from('{"id":"evt_1","amount":12}');
const now_ms = Date.UTC(2026, 0, 5, 12);
const seconds = String(now_ms / 1000);
const hmac = (text: Buffer | string, encoding: 'hex' | 'base64', key: string | Buffer = secret): string =>
  createHmac('sha256', key).update(text).digest(encoding);
const settings = (verify: object) => hookSettings.parse({ kind: 'event', verify: { ...verify, secret } }).verify;

/** Signed as each sender documents it. */
const schemes: [string, object, (at: string) => Record<string, string>][] = [
  ['hmac', { scheme: 'hmac-sha256', header: 'X-Sign', prefix: 'v0=' }, () => ({ 'x-sign': `v0=${hmac(body, 'hex')}` })],
  ['github', { scheme: 'github' }, () => ({ 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` })],
  ['shopify', { scheme: 'shopify' }, () => ({ 'x-shopify-hmac-sha256': hmac(body, 'base64') })],
  [
    'stripe',
    { scheme: 'stripe' },
    at => ({ 'stripe-signature': `t=${at},v1=${'0'.repeat(64)},v1=${hmac(`${at}.${body}`, 'hex')}` }),
  ],
  [
    'standard-webhooks',
    { scheme: 'standard-webhooks' },
    at => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': at,
      'webhook-signature': `v1,bm8= v1,${hmac(`msg_1.${at}.${body}`, 'base64', Buffer.from(secret, 'base64'))}`,
    }),
  ],
  ['token', { scheme: 'token' }, () => ({ authorization: `Bearer ${secret}` })],
  [
    'basic',
    { scheme: 'basic', user: 'crm' },
    () => ({ authorization: `Basic ${Buffer.from(`crm:${secret}`).toString('base64')}` }),
  ],
];

describe.each(schemes)('a webhook signed by %s', (name, verify, sign) => {
  const fault = (headers: Record<string, string>, bytes = body, key = secret) =>
    verificationFault(settings(verify), key, { headers: new Map(Object.entries(headers)), body: bytes, now_ms });

  it('is believed', () => expect(fault(sign(seconds))).toBeNull());

  it('is refused without its signature, or with that of another secret, and the answer tells no secret', () => {
    for (const reason of [fault({}), fault(sign(seconds), body, 'another-secret')]) {
      expect(reason).toBeTypeOf('string');
      expect(reason).not.toContain('secret-of');
    }
  });

  const signsTheBody = name !== 'token' && name !== 'basic';
  it.runIf(signsTheBody)('is refused when its body was changed', () => {
    expect(fault(sign(seconds), Buffer.from('{"id":"evt_1","amount":99}'))).toBeTypeOf('string');
  });

  it.runIf(name === 'stripe' || name === 'standard-webhooks')('is refused when it is too old, or from tomorrow', () => {
    for (const off_ms of [-tolerance_ms - 1000, tolerance_ms + 1000])
      expect(fault(sign(String((now_ms + off_ms) / 1000)))).toMatch(/old/);
    expect(fault(sign('yesterday'))).toBeTypeOf('string');
  });
});
