/**
 * A provider of OpenID Connect that is not ours (oidc-provider), for tests: whoever signs in there is whom he says he is, by a mail
 * address that is verified unless it begins with `unverified`.
 */
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export interface OpenIdProvider {
  readonly issuer: string;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const client_id = 'millrace';
const client_secret = 'the secret that both of them know';

export async function startOpenIdProvider(port: number, public_url: string): Promise<OpenIdProvider> {
  // By another name than the page is at, so that to a browser it is another site.
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris: [`${public_url}/api/session/oidc/callback`] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unverified'), name: `Name of ${id}` }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['signs its cookies'] },
  });
  const server = createServer(provider.callback());
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done));
  return {
    issuer,
    env: {
      MILLRACE_OIDC_ISSUER: issuer,
      MILLRACE_OIDC_CLIENT_ID: client_id,
      MILLRACE_OIDC_CLIENT_SECRET: client_secret,
      MILLRACE_PUBLIC_URL: public_url,
      MILLRACE_OIDC_LABEL: 'Acme',
    },
    close: () =>
      new Promise(done => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** What a person with a browser does there: signs in under the name, consents, and is sent back. Answers where to. */
export async function signInAt(address: string, name: string): Promise<string> {
  const cookies = new Map<string, string>();
  async function visit(url: string, form?: Record<string, string>): Promise<Response> {
    const cookie = Array.from(cookies, pair => pair.join('=')).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return response;
  }
  const { origin } = new URL(address);
  let response = await visit(address);
  for (let steps = 0; steps < 20; steps++) {
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, origin);
      if (next.origin !== origin) return next.href;
      response = await visit(next.href);
      continue;
    }
    const html = await response.text();
    const [, action = ''] = /action="([^"]+)"/.exec(html) ?? [];
    const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(html) ?? [];
    response = await visit(new URL(action, origin).href, { prompt, login: name, password: 'any' });
  }
  throw new Error(`${origin} asks on and on`);
}
