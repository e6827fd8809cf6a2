/** Full text over mails: ranked, with the passages that have the words. */
import { z } from 'zod';
import { type DescribedRoute, describe, pageAnswer } from '../contract.ts';
import { marked, passagesOf, piece, wordsOf } from '../highlight.ts';
import { pageParameters, pageReply } from '../page.ts';
import { wordsBy } from '../parameters.ts';
import { type Found, found, ranked_max, searchEmails, searchSorts } from '../queries/search.ts';
import { emailFilters } from './emails.ts';

const passage_limits = { passages_max: 3, context_chars: 80 };

const looked_for = wordsBy(text => [...new Set(wordsOf(text))]).describe(
  'Words, each of which a mail must have in its subject or content, in any case',
);

const result = found
  .extend({
    highlights: z.object({
      subject: z.array(piece).describe('The whole subject'),
      content: z.array(z.array(piece)).describe('Up to three passages'),
    }),
  })
  .meta({ id: 'SearchResult' });

const query = z.strictObject({
  q: looked_for,
  ...emailFilters,
  ...pageParameters(searchSorts, '-score', result),
});

export function searchRoutes(): DescribedRoute[] {
  return [
    describe({
      method: 'GET',
      path: '/api/search',
      access: 'read',
      tag: 'Mails',
      summary: `Mails with all the words, the best first of the newest ${ranked_max.toLocaleString('en')} that have them`,
      query,
      answers: { 200: pageAnswer(result) },
      cached: true,
      fresh: true,
      handle: ({ request, query: { q, ...asked }, tables }) =>
        pageReply(request, searchSorts, asked, async (order, rows_max) => {
          const rows = await searchEmails(await tables(), q, asked, order, rows_max);
          return rows.map(row => withHighlights(row, new Set(q)));
        }),
    }),
  ];
}

function withHighlights({ shown, ...row }: Found, words: ReadonlySet<string>) {
  const highlights = { subject: marked(row.subject, words), content: passagesOf(shown, words, passage_limits) };
  return { ...row, highlights };
}
