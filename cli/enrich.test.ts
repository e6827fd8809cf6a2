import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { enrich, enrichFiles } from './enrich.ts';

async function all(answers: AsyncIterable<unknown>): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const answer of answers) found.push(answer as Record<string, unknown>);
  return found;
}

async function* stream(...chunks: string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const mail = 'From: Ann <ann@a.test>\nSubject: Chairs\nMessage-ID: <1@a.test>\n\nI love the chairs.\n';
const mbox = `From ann@a.test Mon May  6 12:00:00 2024\n${mail}\nFrom bob@b.test Mon May  6 12:00:00 2024\n${mail.replace('Chairs', 'Tables')}`;

describe('enrich', () => {
  it('answers each line, with every field, and goes on after a bad one', async () => {
    const lines = [JSON.stringify({ text: 'I love Berlin' }), 'nonsense', '{}', '', JSON.stringify({ mail })].join(
      '\n',
    );
    const [text, bad, empty, last] = await all(enrich(stream(lines.slice(0, 3), lines.slice(3))));
    expect(Object.keys(text!)).toEqual(
      expect.arrayContaining([
        'sentiment',
        'sentiment_score',
        'category',
        'category_scores',
        'spam',
        'asks',
        'importance',
        'importance_reasons',
        'language',
        'entities',
        'summary',
        'reply_text',
        'model_versions',
      ]),
    );
    expect(text).not.toHaveProperty('models');
    expect(text).toMatchObject({ sentiment: 'positive', reply_text: 'I love Berlin' });
    expect(bad).toHaveProperty('error');
    expect(empty).toHaveProperty('error');
    expect(last).toMatchObject({ subject: 'Chairs', reply_text: 'I love the chairs.' });
  });

  it('takes the quotation off a text as off a mail, and a byte order mark off a file', async () => {
    const text =
      'I love it in Berlin.\n\nOn 6 May 2024, Ann <ann@a.test> wrote:\n> I hate Paris.\n> Terrible, awful, bad.';
    const raw = `From: Bob <bob@b.test>\nSubject: x\n\n${text}`;
    const lines = [{ text }, { mail: raw }, { text: '> all of it' }, { text: ' a  b\n\n\nc ' }];
    const answers = await all(enrich(stream(`\ufeff${lines.map(line => JSON.stringify(line)).join('\n')}`)));
    expect(answers.map(({ reply_text }) => reply_text)).toEqual([
      'I love it in Berlin.',
      'I love it in Berlin.',
      '> all of it',
      ' a  b\n\n\nc ',
    ]);
    expect(answers[0]).toMatchObject({ sentiment: 'positive', entities: answers[1]!.entities });
  });

  it('reads a mail, a mailbox and files of both', async () => {
    expect(await all(enrich(stream(mail)))).toMatchObject([{ subject: 'Chairs', message_id: '<1@a.test>' }]);
    expect(await all(enrich(stream(mbox)))).toMatchObject([{ subject: 'Chairs' }, { subject: 'Tables' }]);
    const folder = mkdtempSync(join(tmpdir(), 'enrich-'));
    const paths = ['a.eml', 'b.mbox', 'c.ndjson', 'none'].map(name => join(folder, name));
    writeFileSync(paths[0]!, mail);
    writeFileSync(paths[1]!, mbox);
    writeFileSync(paths[2]!, '{"text": "x"}\n');
    const answers = await all(enrichFiles(paths));
    expect(answers.map(({ file }) => paths.indexOf(file as string))).toEqual([0, 1, 1, 2, 3]);
    expect(answers[4]).toHaveProperty('error');
    expect(answers[3]).toMatchObject({ reply_text: 'x' });
  });

  it('answers nothing to nothing, and an error to what is no mail', async () => {
    expect(await all(enrich(stream('')))).toEqual([]);
    expect(await all(enrich(stream('Dear Ann,\n\nthis is a letter.')))).toMatchObject([{ cause: 'not-a-mail' }]);
  });
});
