/** The built-in page in a real browser, against a real instance. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// Without a browser the page stays untested, which a developer's machine may do and CI may not.
const canRun = browserPath !== undefined || process.env.CI === 'true';
if (!canRun) console.warn('the page is not tested: no Chromium here (Debian: apt-get install chromium)');

describe.runIf(canRun)('the page', () => {
  let instance: Instance;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    instance = await startInstance();
    const file = join(freshDir(), 'page.mbox');
    writeFileSync(file, mboxOf({ seed: 21, count: 60 }).text);
    await instance.json(['import', file]);
    browser = await chromium.launch({
      executablePath: browserPath ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', error => faults.push(error.message));
    page.on('console', message => {
      if (message.type() === 'error') faults.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await instance?.stop();
  });

  it('signs in by the address and takes the token out of it', async () => {
    await page.goto(`${instance.url}/#token=${await instance.token()}`);
    await page.getByText('read 60 = stored 60').waitFor();
    expect(page.url()).not.toContain('token');
  });

  it('shows mail, sentiment over time and leads with reasons', async () => {
    await page.getByText('Customer 3', { exact: true }).first().waitFor();
    await page.getByText('Sentiment over time').waitFor();
    expect(await page.locator('canvas').count()).toBeGreaterThan(0);
    expect(await page.locator('.leads tbody tr').count()).toBeGreaterThan(5);
  });

  it('shows a mail as it arrives, and its trace at a click', async () => {
    await page.getByText('Live').first().waitFor();
    const mail = {
      sender: 'now@client.example',
      subject: 'Arriving this second',
      content: 'I am really happy with it.',
    };
    const answer = await instance.fetch('/api/emails', { method: 'POST', body: JSON.stringify(mail) });
    expect(answer.status).toBe(201);
    await page.getByText(mail.subject).first().click();
    await until('the trace', async () => {
      const text = await page.locator('body').textContent();
      return text?.includes('deduplicate') === true && text.includes('enrich-mail');
    });
    await page.keyboard.press('Escape');
  });

  it('shows what is said in a conversation that waits', async () => {
    const mail = (id: string, from: string, text: string, more: string[] = []): string =>
      [
        ...['From a Mon Jan  5 10:00:00 2015', `Message-ID: <${id}@pump.example>`, `From: ${from}@pump.example`],
        ...[`Date: Mon, 5 Jan 2015 10:0${id}:00 +0000`, `Received: from a by b; Mon, 5 Jan 2015 10:0${id}:00 +0000`],
        ...['Subject: The oldest of all', ...more, '', text, ''],
      ].join('\n');
    const file = join(freshDir(), 'oldest.mbox');
    const again = mail('2', 'bob', 'It drips on the floor.', ['References: <1@pump.example>']);
    writeFileSync(file, `${mail('1', 'ann', 'The pump leaks since Monday.')}\n${again}\n`);
    await instance.json(['import', file]);
    await until('the conversation', async () => {
      const answer = await instance.fetch('/api/conversations/%3C1@pump.example%3E');
      return answer.status === 200 && ((await answer.json()) as { mails: unknown[] }).mails.length === 2;
    });
    await page.reload();
    await page.locator('.waits-panel').getByText('The oldest of all').click();
    await page.getByText('In this conversation').waitFor();
    await page.getByText('It drips on the floor.').waitFor();
    await page.getByRole('button', { name: 'bob@pump.example' }).click();
    await page.getByText('deduplicate').nth(1).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('documents the API from its contract', async () => {
    const docs = await browser.newPage();
    docs.on('pageerror', error => faults.push(error.message));
    docs.on('console', message => void (message.type() === 'error' && faults.push(message.text())));
    await docs.goto(`${instance.url}/docs`);
    await docs.getByRole('searchbox').fill('search');
    await docs.locator('article#getApiSearch').getByText('highlights').first().waitFor({ state: 'attached' });
    expect(await docs.locator('article#postApiEmails').count()).toBe(0);
    await docs.close();
    expect(faults).toEqual([]);
  });

  it('never runs what a mail contains', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    const mail = { sender: 'evil@client.example', subject: hostile, content: hostile };
    expect((await instance.fetch('/api/emails', { method: 'POST', body: JSON.stringify(mail) })).status).toBe(201);
    await page.getByText('<img src=x').first().waitFor();
    expect(await page.title()).toContain('Millrace');
  });

  it('says nothing to the console', () => {
    expect(faults).toEqual([]);
  });
});
