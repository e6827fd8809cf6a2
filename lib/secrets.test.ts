import { expect, it } from 'vitest';
import { scrubbed, secretsIn } from './secrets.ts';

it('secrets are found by the names of their settings, and in URLs', () => {
  const config = {
    kafka: { brokers: 'a:1', sasl: { username: 'me', password: 'broker-secret' }, tls: { key: 'PEM' } },
    api: { jwt_secret: 'x'.repeat(32), tls: { key_path: '/etc/key.pem' } },
    cache: { redis_url: 'rediss://:p%40ss@cache:6380/1' },
    hooks: { crm: { verify: { secret: 'hook-secret' } } },
    port: 1,
    traces: { headers: { 'x-api-key': 'collector-secret' } },
    none: null,
  };
  expect(secretsIn(config)).toEqual([
    'broker-secret',
    'PEM',
    'x'.repeat(32),
    'p%40ss',
    'p@ss',
    'hook-secret',
    'collector-secret',
  ]);
});

it('a message keeps what happened, and loses secrets, addresses and what it quotes', () => {
  const cases: [string, string][] = [
    ['connect ECONNREFUSED 127.0.0.1:9092', 'connect ECONNREFUSED 127.0.0.1:9092'],
    [
      "Cannot read properties of undefined (reading 'email_id')",
      "Cannot read properties of undefined (reading 'email_id')",
    ],
    [
      'Unexpected token \'D\', "Dear "Ada", pay"... is not valid JSON',
      'Unexpected token \'D\', "…"... is not valid JSON',
    ],
    ["expected ',' before: 'Dear Ada,\\n'", "expected '…' before: '…'"],
    ["it doesn't answer, and the other isn't there", "it doesn't answer, and the other isn't there"],
    ['refused https://me:other@db.example/x', 'refused https://db.example/x'],
    ['the password is hunter22!', 'the password is [redacted]!'],
    ['sent authorization: Bearer abc.def.ghi', 'sent authorization: Bearer [redacted]'],
    ['no mailbox for ada@acme.example here', 'no mailbox for [address] here'],
  ];
  for (const [said, told] of cases) expect(scrubbed(said, ['hunter22', 'a'])).toBe(told);
  expect(scrubbed('x'.repeat(1_000_000), [])).toHaveLength(500);
  expect(scrubbed(`near 'Dear Ada ${'x'.repeat(1_000_000)}'`, [])).toBe('near …');
});
