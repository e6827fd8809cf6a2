/** What users say of mails and leads, end to end: the models have learnt from it within seconds, and whoever may not say it learns nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, type Instance, startInstance, until } from './instance.ts';

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => {
  expect(await instance?.stop()).toBe(0);
});

interface Mail {
  email_id: string;
  sentiment: string;
  category: string;
  importance: number;
  models: Record<string, string>;
}

const post = (path: string, body: unknown): Promise<Response> =>
  instance.fetch(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
const handIn = async (subject: string, content: string): Promise<Mail> => {
  const response = await post('/api/emails', { sender: 'kim@acme.example', subject, content });
  expect(response.status).toBe(201);
  return (await response.json()) as Mail;
};
const say = (email_id: string, labels: object): Promise<Response> => post(`/api/emails/${email_id}/feedback`, labels);

describe('feedback on a mail', () => {
  it('changes what is said of the next ones, and names the version on their rows', async () => {
    const texts = ['The frobnicator was recalibrated', 'Frobnicator again', 'One more frobnicator today'];
    for (const [i, text] of texts.entries()) {
      const { email_id } = await handIn(`Report ${i}`, text);
      const response = await say(email_id, { sentiment: 'negative', category: 'legal' });
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({
        email_id,
        feedback: [{ model: 'sentiment' }, { model: 'category' }],
      });
    }
    // What was learnt from the first two may say as much already.
    const read = await until('a mail that is read by what all three taught', async () => {
      const { email_id } = await handIn(`Report ${Math.random()}`, 'The frobnicator, as before');
      const mail = (await (await instance.fetch(`/api/emails/${email_id}`)).json()) as Mail;
      return mail.models.sentiment?.endsWith('+3') && mail.models.category?.endsWith('+3') ? mail : null;
    });
    expect(read).toMatchObject({ category: 'legal', sentiment: 'negative' });
    const { category } = await handIn('Lunch', 'Shall we have lunch on Friday with the children?');
    expect(category).not.toBe('legal');
  });

  it('is a row each', async () => {
    const rows = await until('the rows', async () => {
      const found = await instance.sql<{ model: string; label: string; n: number }>(
        'SELECT model, label, count() AS n FROM feedback GROUP BY model, label ORDER BY model',
      );
      return found.length === 2 && found.every(({ n }) => Number(n) === 3) ? found : null;
    });
    expect(rows.map(({ model, label }) => [model, label])).toEqual([
      ['category', 'legal'],
      ['sentiment', 'negative'],
    ]);
  });

  it('is refused where there is no such mail, no label, or an unknown one', async () => {
    expect((await say('nothing', { spam: true })).status).toBe(404);
    const { email_id } = await handIn('Hello', 'A mail');
    expect((await say(email_id, {})).status).toBe(400);
    expect((await say(email_id, { category: 'weather' })).status).toBe(400);
    expect((await say(email_id, { mood: 'good' })).status).toBe(400);
  });
});

describe('a mailbox that was imported', () => {
  const mailbox = 'ada@acme.example';
  const folder = freshDir();
  let count = 0;

  async function importMails(mails: readonly { from: string; labels?: string }[]): Promise<string[]> {
    const path = join(folder, `${++count}.mbox`);
    const texts = mails.map(({ from, labels }, i) => {
      const id = `<${count}-${i}@mail.example>`;
      const date = `Mon, 4 Mar 2024 10:${String(i).padStart(2, '0')}:00 +0000`;
      const stated = labels === undefined ? '' : `X-GM-THRID: ${i}\nX-Gmail-Labels: ${labels}\n`;
      const headers = `From: ${from}\nTo: ${mailbox}\nSubject: Report ${i}\nDate: ${date}\nMessage-ID: ${id}\n`;
      return `From 1@xxx Mon Mar 04 10:00:00 +0000 2024\n${stated}${headers}\nAs we said.\n\n`;
    });
    writeFileSync(path, texts.join(''));
    expect((await instance.run(['import', path, '--mailbox', mailbox])).code).toBe(0);
    return mails.map((_, i) => `<${count}-${i}@mail.example>`);
  }

  interface Read {
    importance: number;
    models: Record<string, string>;
    importance_reasons: { feature: string; value: string; log_odds: number }[];
  }
  async function readNow(from: string): Promise<Read> {
    const [message_id] = await importMails([{ from }]);
    const [row] = await instance.sql<{ email_id: string }>(
      `SELECT email_id FROM messages WHERE message_id = '${message_id}'`,
    );
    return (await (await instance.fetch(`/api/emails/${row?.email_id}`)).json()) as Read;
  }

  it('teaches importance by what was done with its mails', async () => {
    const before = await readNow('kim@customer.example');
    expect(before.models.importance).not.toContain('+');
    const stars = Array.from({ length: 6 }, () => ({ from: 'kim@customer.example', labels: 'Inbox,Opened,Starred' }));
    const left = Array.from({ length: 3 }, () => ({ from: 'lee@shop.example', labels: 'Inbox,Unread' }));
    await importMails([...stars, ...left, { from: 'max@customer.example', labels: 'Inbox' }]);
    const after = await until('a mail that is read by what was done', async () => {
      const read = await readNow('kim@customer.example');
      return read.models.importance?.endsWith('+9') ? read : null;
    });
    expect(after.importance).toBeGreaterThan(before.importance + 5);
    const reason = (read: Read, feature: string) => read.importance_reasons.find(one => one.feature === feature);
    expect(reason(after, 'from:kim@customer.example')?.log_odds).toBeGreaterThan(0);
    expect(reason(after, 'mailbox')?.value).toBe('9 starred, answered, opened or left');
    expect((await readNow('lee@shop.example')).importance).toBeLessThan(before.importance);
  });
});

describe('the outcome of a lead', () => {
  it('is on the timeline and in the score', async () => {
    await handIn('Our order', 'We would like to buy twenty licences. Could you send an offer?');
    const path = '/api/leads/kim@acme.example/outcome';
    expect((await post('/api/leads/nobody@acme.example/outcome', { outcome: 'won' })).status).toBe(404);
    expect((await post(path, { outcome: 'perhaps' })).status).toBe(400);
    expect((await post(path, { outcome: 'won', amount: 1200 })).status).toBe(202);
    const customer = await until('the outcome', async () => {
      const response = await instance.fetch('/api/customers/kim@acme.example');
      const found = (await response.json()) as { outcome: string | null; amount: number | null };
      return found.outcome === null ? null : found;
    });
    expect(customer).toMatchObject({ outcome: 'won', amount: 1200 });
  });
});
