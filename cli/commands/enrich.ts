import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { MillraceError } from '../../lib/errors.ts';
import { printJson } from '../terminal.ts';
import { withHelp } from './common.ts';

const fields = `
Input, files or else standard input, each one of:
  a raw mail (RFC 5322), whole
  an mbox, gzipped or not
  NDJSON, a line each of  {"text": "…"}  {"mail": "raw mail"}  {"mail_base64": "…"}

Output, a JSON value a mail or line:
  sentiment           negative, neutral or positive; unscored in a language that the model does not know
  sentiment_score     -1 to 1
  category            the most likely one
  category_scores     a probability for each category
  spam, asks          probabilities: that it is spam, that it asks the reader for something
  importance          0 to 100
  importance_reasons  what it is made of: feature, value, log_odds, points, evidence_id
  language            ISO 639-1, empty where it cannot be told
  entities            text, type, start and end of what reply_text names; in UTF-16 units
                      type: person, organisation, place, product, work, date, money, phone, email, url, order_number
  summary             up to three of the writer's own sentences
  signature           name, title, phone, company
  reply_text          the text without what it quotes and forwards
  model_versions      the version of each model that had a say
and of a mail message_id, subject, direction; of a file its path, as file.
What cannot be read answers {"error": "…"}; the others go on.`;

export function enrich(program: Command): void {
  const command = program
    .command('enrich')
    .description('say what the enrichment finds in mails or texts; needs no server')
    .argument('[files...]', 'mails (.eml), mailboxes (mbox) or NDJSON; standard input when none is named')
    .action(async (files: string[]) => {
      const { enrich: answers, enrichFiles } = await import('../enrich.ts');
      for (const file of files) {
        if (!statSync(file, { throwIfNoEntry: false })) throw new MillraceError('usage', `${file}: no such file`);
      }
      for await (const answer of files.length > 0 ? enrichFiles(files) : answers(process.stdin)) printJson(answer);
    });
  command.addHelpText('after', fields);
  withHelp(command, {
    examples: [
      `echo '{"text": "I love it"}' | millrace enrich`,
      'millrace enrich mail.eml | jq .category',
      'millrace enrich archive.mbox > answers.ndjson',
    ],
  });
}
