/** What users say of mails and leads, end to end: the models have learnt from it within seconds, and whoever may not say it learns nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instance, startInstance, until } from './instance.ts';

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
    const id = await until('a mail that is read by what was learnt', 30_000, async () => {
      const { email_id, category, sentiment } = await handIn(`Report ${Math.random()}`, 'The frobnicator, as before');
      return category === 'legal' && sentiment === 'negative' ? email_id : null;
    });
    const { models } = (await (await instance.fetch(`/api/emails/${id}`)).json()) as { models: Record<string, string> };
    expect(models.sentiment).toMatch(/\+3$/);
    expect(models.category).toMatch(/\+3$/);
    const { category } = await handIn('Lunch', 'Shall we have lunch on Friday with the children?');
    expect(category).not.toBe('legal');
  });

  it('is a row each', async () => {
    const rows = await until('the rows', 30_000, async () => {
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

describe('the outcome of a lead', () => {
  it('is on the timeline and in the score', async () => {
    await handIn('Our order', 'We would like to buy twenty licences. Could you send an offer?');
    const path = '/api/leads/kim@acme.example/outcome';
    expect((await post('/api/leads/nobody@acme.example/outcome', { outcome: 'won' })).status).toBe(404);
    expect((await post(path, { outcome: 'perhaps' })).status).toBe(400);
    expect((await post(path, { outcome: 'won', amount: 1200 })).status).toBe(202);
    const customer = await until('the outcome', 30_000, async () => {
      const response = await instance.fetch('/api/customers/kim@acme.example');
      const found = (await response.json()) as { outcome: string | null; amount: number | null };
      return found.outcome === null ? null : found;
    });
    expect(customer).toMatchObject({ outcome: 'won', amount: 1200 });
  });
});
