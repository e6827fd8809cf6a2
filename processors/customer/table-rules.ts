/**
 * What is believed of a row of somebody's table of leads before any outcome is known, by the words in its columns' names and cells. Judgements, their
 * weights fitted to no data: who does more with us is likelier to buy, who was recommended too, who wants no mail is not.
 */

/** Words of a column's name, and the log-odds between its least and its greatest number. */
const number_rules: readonly (readonly [words: readonly string[], log_odds: number])[] = [
  [['bounce', 'bounces', 'exit', 'exits', 'unsubscribes', 'complaints', 'inactive', 'since'], -2],
  [['time', 'duration', 'minutes', 'seconds'], 2],
  [['visits', 'visit', 'views', 'view', 'pages', 'sessions', 'events', 'logins', 'downloads'], 1],
  [['clicks', 'opens', 'replies', 'answers', 'meetings', 'demos', 'trials'], 1.5],
  [['value', 'values', 'score', 'budget', 'revenue', 'employees'], 1.5],
];

/** Words of a cell. */
const text_rules: readonly (readonly [words: readonly string[], log_odds: number])[] = [
  [['referral', 'referred', 'reference', 'recommendation', 'recommended'], 1.5],
  [['demo', 'trial', 'pricing', 'quote', 'meeting'], 1],
  [['director', 'owner', 'founder', 'manager', 'professional'], 0.7],
  [['returning'], 0.3],
  [['import', 'imported', 'purchased', 'list', 'cold'], -0.7],
  [['bounced', 'unsubscribed', 'unreachable'], -1.5],
];

/** A column that asks not to be written to or called, where it says yes. */
const unwanted_log_odds = -1;
const yes: ReadonlySet<string> = new Set(['yes', 'true', '1', 'y']);

export interface RuledCell {
  readonly text: string;
  /** NaN where the text is no number. */
  readonly number: number;
  /** 0 to 1 among the numbers before it. */
  readonly rank: number;
}

export interface ColumnRule {
  readonly column: number;
  readonly log_odds: number;
}

/** The rules of a table with these columns. */
export function tableRules(names: readonly string[]): (cells: readonly RuledCell[]) => ColumnRule[] {
  const columns = names.map(name => {
    const words = wordsOf(name);
    return { unwanted: words.has('not') || words.has('unsubscribed'), number: ruled(number_rules, words) };
  });
  return cells =>
    columns.flatMap(({ unwanted, number }, column) => {
      const cell = cells[column];
      const log_odds = cell === undefined ? 0 : shareOf(cell, unwanted, number);
      return log_odds === 0 ? [] : [{ column, log_odds }];
    });
}

function shareOf({ text, number: value, rank }: RuledCell, unwanted: boolean, number: number): number {
  if (unwanted) return yes.has(text.toLowerCase()) ? unwanted_log_odds : 0;
  return Number.isNaN(value) ? ruled(text_rules, wordsOf(text)) : number * (rank - 0.5);
}

/** The first rule with a word of these counts. */
function ruled(rules: typeof text_rules, words: ReadonlySet<string>): number {
  return rules.find(([known]) => known.some(word => words.has(word)))?.[1] ?? 0;
}

/** `PageViews_per-visit` is page, views, per, visit. */
function wordsOf(text: string): Set<string> {
  const parted = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return new Set(parted.split(/[^a-z0-9]+/));
}
