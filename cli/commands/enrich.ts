import type { Command } from 'commander';
import { printJson } from '../terminal.ts';
import { withHelp } from './common.ts';

const fields = `
Input, one of:
  a raw mail (RFC 5322), whole
  NDJSON, a line each of  {"text": "…"}  {"mail": "raw mail"}  {"mail_base64": "…"}

Output, a JSON value a mail or line:
  sentiment           negative, neutral or positive
  sentiment_score     -1 to 1
  category            the most likely one
  category_scores     a probability for each category
  importance          0 to 100
  importance_reasons  what it is made of: feature, value, log_odds, points, evidence_id
  models              the version of each model that had a say
and of a mail:
  message_id, subject, reply_text (the writer's own words), direction
A line that cannot be read answers {"error": "…"}; the others go on.`;

export function enrich(program: Command): void {
  const command = program
    .command('enrich')
    .description('say what the enrichment finds in mails or texts on standard input; needs no server')
    .action(async () => {
      const { enrich: answers } = await import('../enrich.ts');
      for await (const answer of answers(process.stdin)) printJson(answer);
    });
  command.addHelpText('after', fields);
  withHelp(command, {
    examples: [`echo '{"text": "I love it"}' | millrace enrich`, 'millrace enrich < mail.eml | jq .category'],
  });
}
