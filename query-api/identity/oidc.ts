/**
 * Signing in by a provider of OpenID Connect: the authorization code flow with PKCE (RFC 9700 2.1.1).
 *
 * 1. The browser is sent to the provider with a state, a nonce and the hash of a verifier, which its cookie remembers.
 * 2. It comes back with a code and the state, which must be the cookie's.
 * 3. The code, the verifier and our secret are exchanged for an ID token, whose issuer, audience, time, nonce and signature are
 *    verified. The signature too, though TLS would do: a proxy that opens TLS must not say who somebody is.
 * 4. Who he is says his mail address, where the provider has verified it.
 */
import * as openid from 'openid-client';
import { messageOf } from '../../lib/errors.ts';
import type { Begun } from './oidc-cookie.ts';
import type { OidcSettings } from './oidc-settings.ts';

/** Why somebody is not let in, in a word that the page knows (web/src/oidc.ts). */
export type Reason =
  | 'denied'
  | 'expired'
  | 'provider'
  | 'invalid'
  | 'unverified'
  | 'unknown'
  | 'disabled'
  | 'unavailable';

export class Refusal extends Error {
  readonly reason: Reason;
  /** For the audit log: the address that the provider named, where it was verified. */
  readonly email: string;

  /** `message` is for the log: it holds nothing that the provider was told, or has told, in confidence. */
  constructor(reason: Reason, message: string, email = '') {
    super(message);
    this.name = 'Refusal';
    this.reason = reason;
    this.email = email;
  }
}

export interface Person {
  /** In lower case, verified. */
  readonly email: string;
  readonly name: string;
}

export interface Provider {
  /** Where the browser goes, and what its cookie must remember. Throws Refusal. */
  begin(): Promise<{ readonly url: string; readonly begun: Begun }>;
  /** Who came back with this query. Throws Refusal. */
  finish(query: URLSearchParams, begun: Begun): Promise<Person>;
}

export const callback_path = '/api/session/oidc/callback';
const timeout_s = 10;
/** Of what the provider says of itself; its keys are looked up again as they change. */
const discovered_ms = 60 * 60 * 1_000;

export function createProvider(settings: OidcSettings): Provider {
  const redirect_uri = `${settings.public_url}${callback_path}`;
  let discovered: { readonly config: Promise<openid.Configuration>; readonly until_ms: number } | null = null;

  /** With the first sign-in and not with the start: the API serves others while the provider is away. */
  function configuration(): Promise<openid.Configuration> {
    if (discovered === null || discovered.until_ms < Date.now()) {
      const config = discover(settings);
      discovered = { config, until_ms: Date.now() + discovered_ms };
      config.catch(() => {
        discovered = null;
      });
    }
    return discovered.config.catch(error => {
      throw new Refusal('provider', `${settings.issuer} cannot be asked: ${reasonOf(error)}`);
    });
  }

  return {
    async begin() {
      const config = await configuration();
      const begun = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      };
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri,
        scope: settings.scopes,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, begun };
    },

    async finish(query, { state, nonce, verifier }) {
      // Of a sign-in that another one in this browser has followed, or of somebody else's.
      if (query.get('state') !== state) throw new Refusal('expired', 'the state is not of this browser');
      const config = await configuration();
      const url = new URL(`${redirect_uri}?${query}`);
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await openid.authorizationCodeGrant(config, url, checks).catch(refuse);
      const claims = tokens.claims();
      if (claims === undefined) throw new Refusal('invalid', 'no ID token came');
      // Some keep what `email` asks for out of the ID token (OpenID Connect Core 5.4).
      const told =
        claims.email === undefined && config.serverMetadata().userinfo_endpoint !== undefined
          ? await openid.fetchUserInfo(config, tokens.access_token, claims.sub).catch(refuse)
          : claims;
      return personOf(told, settings.issuer);
    },
  };
}

async function discover({ issuer, client_id, client_secret }: OidcSettings): Promise<openid.Configuration> {
  const server = new URL(issuer);
  const config = await openid.discovery(server, client_id, {}, clientAuthentication(client_secret), {
    timeout: timeout_s,
    execute: [
      openid.enableNonRepudiationChecks,
      ...(server.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
    ],
  });
  // The client lets Entra's addresses for every tenant through, and with them whoever has made himself a tenant.
  const named = config.serverMetadata().issuer;
  if (new URL(named).href !== server.href) throw new Error(`it calls itself ${named}`);
  return config;
}

/** As OpenID Connect has it where nothing else was agreed upon (Core 9). */
const clientAuthentication =
  (secret: string): openid.ClientAuth =>
  (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const by = methods.includes('client_secret_basic') ? openid.ClientSecretBasic : openid.ClientSecretPost;
    return by(secret)(server, client, body, headers);
  };

export type ToldClaims = Readonly<Record<string, unknown>>;

/** Throws Refusal: an address that nobody has verified may be typed in by whoever wants to be its owner. */
export function personOf(claims: ToldClaims, issuer: string): Person {
  const { email, name } = claims;
  if (typeof email !== 'string' || email === '') throw new Refusal('unverified', 'the provider names no mail address');
  if (!isVerified(claims, issuer)) throw new Refusal('unverified', 'the provider has not verified the mail address');
  return { email: email.toLowerCase(), name: typeof name === 'string' ? name : '' };
}

/** Entra tells of no `email_verified`, but, where it is asked to, whether the address is of a domain that its tenant has proven. */
function isVerified({ email_verified, xms_edov }: ToldClaims, issuer: string): boolean {
  // As text: Cognito.
  if (email_verified !== undefined) return email_verified === true || email_verified === 'true';
  return entra_hosts.has(new URL(issuer).hostname) && [true, 1, '1', 'true'].some(value => value === xms_edov);
}

const entra_hosts: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
]);

/** What the provider or the way to it was at fault for, and not the token. */
const away_codes: ReadonlySet<unknown> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

function refuse(error: unknown): never {
  if (error instanceof openid.AuthorizationResponseError) {
    throw new Refusal(error.error === 'access_denied' ? 'denied' : 'provider', `the provider says ${error.error}`);
  }
  // The code was used before, or has ended.
  if (error instanceof openid.ResponseBodyError) {
    throw new Refusal(error.error === 'invalid_grant' ? 'expired' : 'provider', `the provider says ${error.error}`);
  }
  const isAway = error instanceof TypeError || (error instanceof openid.ClientError && away_codes.has(error.code));
  throw new Refusal(isAway ? 'provider' : 'invalid', reasonOf(error));
}

/** Both are the library's own words: what was told stands in deeper causes. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? `${messageOf(error)}: ${messageOf(cause)}` : messageOf(error);
}
