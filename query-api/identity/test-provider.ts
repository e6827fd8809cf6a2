/** A provider for tests that can be made to lie: a real HTTP server, which keeps to the protocol unless it is told otherwise. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Lies {
  /** In place of, or beside, what is true. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** By no key, by one that is not told of, or by the secret that both know. */
  readonly signature?: 'none' | 'unknown key' | 'client secret' | 'altered';
  /** Of the token endpoint. */
  readonly status?: number;
  /** Claims stand in the answer of the userinfo endpoint alone. */
  readonly userinfo?: Readonly<Record<string, unknown>>;
  /** What it calls itself in its metadata. */
  readonly issuer?: string;
}

export interface TestProvider {
  readonly issuer: string;
  lies: Lies;
  /** How often a code was to be exchanged. */
  exchanges(): number;
  close(): Promise<void>;
}

export const client = { client_id: 'millrace', client_secret: 'a secret of both: 32 characters!' };

interface Grant {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirect_uri: string;
}

export async function startTestProvider(): Promise<TestProvider> {
  const [key, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...(await exportJWK(key.publicKey)), use: 'sig', alg: 'RS256' };
  const kid = await calculateJwkThumbprint(jwk);
  const grants = new Map<string, Grant>();
  let exchanged = 0;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: TestProvider = {
    issuer,
    lies: {},
    exchanges: () => exchanged,
    close: () =>
      new Promise(done => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', issuer);
    const { lies } = provider;
    const json = (status: number, value: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url.pathname === '/.well-known/openid-configuration') return json(200, metadata(lies.issuer ?? issuer));
    if (url.pathname === '/keys') return json(200, { keys: [{ ...jwk, kid }] });
    if (url.pathname === '/userinfo') return json(200, { sub: 'subject', ...lies.userinfo });
    if (url.pathname === '/authorize') {
      response.writeHead(302, { location: authorized(url.searchParams) }).end();
      return;
    }
    const form = new URLSearchParams(await bodyOf(request));
    const [status, tokens] = await exchange(form, request.headers.authorization ?? '');
    json(status, tokens);
  }

  const metadata = (named: string): object => ({
    issuer: named,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
  });

  function authorized(query: URLSearchParams): string {
    const code = randomUUID();
    const redirect_uri = query.get('redirect_uri') ?? '';
    grants.set(code, {
      nonce: query.get('nonce') ?? '',
      challenge: query.get('code_challenge_method') === 'S256' ? (query.get('code_challenge') ?? '') : '',
      redirect_uri,
    });
    return `${redirect_uri}?${new URLSearchParams({ code, state: query.get('state') ?? '' })}`;
  }

  async function exchange(form: URLSearchParams, authorization: string): Promise<[number, object]> {
    exchanged++;
    if (provider.lies.status !== undefined) return [provider.lies.status, { error: 'server_error' }];
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const basic = Object.values(client).map(encodeURIComponent).join(':').replaceAll('%20', '+').replaceAll('!', '%21');
    if (authorization !== `Basic ${Buffer.from(basic).toString('base64')}`) return [401, { error: 'invalid_client' }];
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant?.challenge !== challenge || grant.redirect_uri !== form.get('redirect_uri')) {
      return [400, { error: 'invalid_grant' }];
    }
    return [200, { access_token: randomUUID(), token_type: 'Bearer', id_token: await idToken(grant) }];
  }

  async function idToken({ nonce }: Grant): Promise<string> {
    const { lies } = provider;
    const now_s = Math.floor(Date.now() / 1_000);
    const claims = {
      ...{ iss: issuer, aud: client.client_id, sub: 'subject', iat: now_s, exp: now_s + 60, nonce },
      ...(lies.userinfo ? {} : { email: 'ada@acme.example', email_verified: true, name: 'Ada' }),
      ...lies.claims,
    } as JWTPayload;
    if (lies.signature === 'none') return `${part({ alg: 'none' })}.${part(claims)}.`;
    if (lies.signature === 'client secret') {
      const secret = new TextEncoder().encode(client.client_secret);
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    }
    const signing = lies.signature === 'unknown key' ? other : key;
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(signing.privateKey);
    const [header, , signature] = token.split('.');
    return lies.signature === 'altered'
      ? `${header}.${part({ ...claims, email: 'eve@acme.example' })}.${signature}`
      : token;
  }

  return provider;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
