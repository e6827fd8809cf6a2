/** Signing in to a real instance: by a real provider, by a password, and on the page in a real browser. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../embedded/child.ts';
import { type Instance, startInstance, until } from './instance.ts';
import { type OpenIdProvider, signInAt, startOpenIdProvider } from './openid-provider.ts';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const canRun = browserPath !== undefined || process.env.CI === 'true';
if (!canRun) console.warn('signing in on the page is not tested: no Chromium here (Debian: apt-get install chromium)');

const admin_password = 'the first administrator';
const ada = {
  user_id: 'ada',
  name: 'Ada Byron',
  email: 'ada@acme.example',
  role: 'viewer',
  password: 'a dozen letters',
};

let instance: Instance;
let provider: OpenIdProvider;

beforeAll(async () => {
  const [port = 0, provider_port = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  provider = await startOpenIdProvider(provider_port, url);
  const env = { ...provider.env, MILLRACE_ADMIN_PASSWORD: admin_password };
  instance = await startInstance({ env, args: ['--port', String(port)] });
  await change('POST', '/api/users', ada);
});
afterAll(async () => {
  await instance?.stop();
  await provider?.close();
});

async function change(method: string, path: string, body: object): Promise<void> {
  const response = await instance.fetch(path, { method, body: JSON.stringify(body) });
  expect(response.ok, await response.text()).toBe(true);
}

describe('a browser without a page', () => {
  async function begun(): Promise<{ address: string; cookie: string }> {
    const response = await fetch(`${instance.url}/api/session/oidc`, { redirect: 'manual' });
    const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
    return { address: response.headers.get('location') ?? '', cookie };
  }

  async function finished(name: string): Promise<{ fragment: string; cookie: string }> {
    const { address, cookie } = await begun();
    const callback = await signInAt(address, name);
    const response = await fetch(callback, { redirect: 'manual', headers: { cookie } });
    const [next = ''] = (response.headers.get('set-cookie') ?? '').split(';');
    return { fragment: new URL(response.headers.get('location') ?? '').hash, cookie: next };
  }

  it('signs in by the provider, and what it did is in the audit log', async () => {
    const { fragment, cookie } = await finished(ada.email);
    expect(fragment).toBe('#oidc=done');
    const collect = () => fetch(`${instance.url}/api/session/oidc`, { method: 'POST', headers: { cookie } });
    const session = (await (await collect()).json()) as { access_token: string; refresh_token: string };
    const headers = { authorization: `Bearer ${session.access_token}` };
    const me = (await (await fetch(`${instance.url}/api/session`, { headers })).json()) as Record<string, unknown>;
    expect(me).toMatchObject({ subject: 'ada', role: 'viewer' });
    const audited = await until('the audit log', async () => {
      const rows = await instance.sql<{ details: string }>(
        `SELECT details FROM audit_events WHERE action = 'session.create' AND actor = 'ada'`,
      );
      return rows.length > 0 && rows;
    });
    expect(JSON.parse(audited[0]?.details ?? '')).toEqual({ by: 'oidc', email: ada.email });
  });

  it('is told why not', async () => {
    expect((await finished('nobody@acme.example')).fragment).toBe('#oidc=unknown');
    expect((await finished('unverified@acme.example')).fragment).toBe('#oidc=unverified');
  });
});

describe.runIf(canRun)('the page', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  async function open(path = '/'): Promise<void> {
    await context?.close();
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on('pageerror', error => faults.push(error.message));
    page.on('console', message => {
      if (message.text().includes('Content Security Policy')) faults.push(message.text());
    });
    await page.goto(`${instance.url}${path}`);
  }

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: browserPath ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    });
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function signIn(user: string, password: string): Promise<void> {
    await page.getByLabel('User or mail address').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByLabel('Password').press('Enter');
  }
  const kept = (): Promise<Record<string, unknown>> =>
    page.evaluate(`JSON.parse(sessionStorage.getItem('millrace.session'))`);
  const focused = (): Promise<string> => page.evaluate('document.activeElement.name');
  const shot = async (name: string): Promise<void> => {
    const dir = process.env.MILLRACE_SHOTS;
    if (dir) await page.screenshot({ path: `${dir}/${name}.png` });
  };

  it('asks for user and password, says what is wrong, and lets in', async () => {
    await open();
    await page.getByRole('link', { name: 'Sign in with Acme' }).waitFor();
    expect(await focused()).toBe('user');
    await shot('form');
    await signIn('ada', 'not the password');
    await page.getByRole('alert').getByText('The user or the password is wrong.').waitFor();
    expect(await focused()).toBe('password');
    await shot('wrong');
    await signIn(ada.email, ada.password);
    await page.locator('.me').getByText('Ada Byron').waitFor();
    await page.locator('.live.open').waitFor();
    await shot('signed-in');
    expect(page.url()).toBe(`${instance.url}/`);
  });

  it('goes on after a reload, and renews its token before that ends', async () => {
    const { access_token, refresh_token } = await kept();
    await page.evaluate(
      `sessionStorage.setItem('millrace.session', '${JSON.stringify({
        ...{ access_token, refresh_token },
        expires_at: Date.now() + 1_000,
      })}')`,
    );
    await page.reload();
    await page.locator('.me').getByText('Ada Byron').waitFor();
    // Signed within the same second, the access token may be the very same.
    const next = await kept();
    expect(next.expires_at).toBeGreaterThan(Date.now() + 60_000);
    expect(next.refresh_token).not.toBe(refresh_token);
  });

  it('signs out, at the server too', async () => {
    const { access_token } = await kept();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(await kept()).toBeNull();
    await until('the end of the session', async () => {
      const headers = { authorization: `Bearer ${access_token}` };
      return (await fetch(`${instance.url}/api/session`, { headers })).status === 401;
    });
  });

  it('comes to the form when the session has ended elsewhere, and back', async () => {
    await signIn('ada', ada.password);
    await page.locator('.me').getByText('Ada Byron').waitFor();
    await change('PATCH', '/api/users/ada', { state: 'disabled' });
    // The socket is closed at once; without one the next poll tells.
    await page.getByLabel('Password').waitFor({ timeout: 90_000 });
    await page.getByRole('alert').waitFor();
    await shot('ended');
    await change('PATCH', '/api/users/ada', { state: 'active' });
    await signIn('ada', ada.password);
    await page.locator('.me').getByText('Ada Byron').waitFor();
  });

  async function byProvider(name: string): Promise<void> {
    await page.getByRole('link', { name: 'Sign in with Acme' }).click();
    await page.locator('input[name=login]').fill(name);
    await page.locator('input[name=password]').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  it('signs in by the provider, and comes back to the record that was asked for', async () => {
    await open('/#trace=no-such-record');
    await byProvider(ada.email);
    await page.locator('.me').getByText('Ada Byron').waitFor();
    await page.getByText('no-such-record').first().waitFor();
    expect(page.url()).toBe(`${instance.url}/`);
    const { refresh_token } = await kept();
    expect(refresh_token).toMatch(/^mrr_[0-9a-f]{32}_2_/);
    expect(await context.cookies(instance.url)).toEqual([]);
  });

  it('says why the provider’s sign-in did not succeed', async () => {
    await open();
    await byProvider('nobody@acme.example');
    await page.getByRole('alert').getByText('No user here has your mail address.').waitFor();
    await shot('unknown');
    await open('/#oidc=done');
    await page.getByRole('alert').getByText('begin it again').waitFor();
  });

  it('takes a token as before', async () => {
    await open();
    await page.getByText('Sign in with a token').click();
    await page.getByLabel('Token', { exact: true }).fill(await instance.token('viewer'));
    await page.getByLabel('Token', { exact: true }).press('Enter');
    await page.locator('.me').getByText('admin').first().waitFor();
    await shot('operator');
  });

  it('is not held up by its own policy', () => {
    expect(faults).toEqual([]);
  });
});
