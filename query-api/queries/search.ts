/** Mails by their words, the best first. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type EmailRow, emailSchema } from '../rows.ts';
import { type EmailFilter, email_columns, emailConditions } from './emails.ts';
import { iso_times, where } from './select.ts';
import { beyond, type Order, orderBy, type Sortable } from './sort.ts';

export const searchSorts = {
  columns: { score: 'number', received_at: 'instant' },
  ids: ['email_id'],
} as const satisfies Sortable<string>;

export const found = emailSchema.extend({
  score: z
    .number()
    .describe('How much it is about the words: how often it has them, the subject before all, and how short it is'),
});
/** With that of the content of which passages are shown. */
export type Found = EmailRow & { readonly score: number; readonly shown: string };

/** So many of the newest are ranked: to rank all would take as long as there is mail. */
export const ranked_max = 10_000;
const shown_chars_max = 100_000;

// Okapi BM25 (Robertson and Zaragoza 2009, 3.5), whose inverse document frequency is left out: what is found has every
// word. So a score depends on its mail alone, and pages stay right while mails arrive. A word in the subject counts
// three times; lengths are held against that of a usual mail, in characters.
const k1 = 1.2;
const b = 0.75;
const subject_weight = 3;
const usual_chars = 1_200;
const score = `round(arraySum(word -> (${subject_weight} * countEqual(subject_words, word) + countEqual(content_words, word)) * ${k1 + 1}
  / (${subject_weight} * countEqual(subject_words, word) + countEqual(content_words, word)
    + ${k1} * (${1 - b} + ${b} * lengthUTF8(content) / ${usual_chars})), {words:Array(String)}), 6)`;
const wordsIn = (column: string): string => `tokens(lowerUTF8(${column}), 'splitByNonAlpha')`;
/** The expression that is indexed (schemas/migrations/006_search.sql). */
const indexed = "lowerUTF8(concat(subject, '\\n', content))";

/** Each mail has all the words, in lower case as the index has them. */
export function searchEmails(
  clickhouse: ClickHouse,
  words: readonly string[],
  filter: Omit<EmailFilter, 'words'>,
  order: Order<keyof typeof searchSorts.columns>,
  limit: number,
): Promise<Found[]> {
  const matching = where([
    { sql: `hasAllTokens(${indexed}, {words:Array(String)})`, params: { words } },
    ...emailConditions(filter),
  ]);
  const page = where([beyond(searchSorts, order)]);
  return clickhouse.rows<Found>(
    `SELECT * EXCEPT (subject_words, content_words) FROM
    (
      SELECT ${email_columns}, substringUTF8(content, 1, ${shown_chars_max}) AS shown,
        ${wordsIn('subject')} AS subject_words, ${wordsIn('content')} AS content_words, ${score} AS score
      FROM messages ${matching.sql} ORDER BY received_at DESC, email_id DESC LIMIT ${ranked_max}
    )
    ${page.sql} ${orderBy(searchSorts, order)} LIMIT {limit:UInt32} ${iso_times}`,
    { ...matching.params, ...page.params, limit },
  );
}
