/** How much mail there is, in what mood, and about what. Counted from the hourly rollup, so whole hours. */
import { bars, colors, type Step, series, stat } from '../panels.ts';
import { mailScope } from '../variables.ts';

// The expressions of the projection by_hour on messages: other ones would read every mail.
const hours = 'toStartOfHour(received_at) >= toStartOfHour($__fromTime) AND toStartOfHour(received_at) <= $__toTime';
/** Mail by machines and to everybody has no mood. */
const human = "category NOT IN ('newsletter', 'notification', 'spam')";

const mood: readonly Step[] = [
  [null, colors.negative],
  [-0.05, colors.neutral],
  [0.05, colors.positive],
];

export const mails = stat({
  title: 'Mails',
  description:
    'Mails received, sent and passed inside the organisation, each message once however many mailboxes it reached.',
  width: 8,
  empty: 'No mail in this time range',
  sql: `
    SELECT
      sumIf(mails, direction = 'inbound') AS inbound, sumIf(mails, direction = 'outbound') AS outbound,
      sumIf(mails, direction = 'internal') AS internal
    FROM
    (
      SELECT direction, count() AS mails
      FROM messages
      WHERE ${hours} AND ${mailScope}
      GROUP BY direction
    )`,
});

export const sentimentNow = stat({
  title: 'Sentiment',
  description:
    'The mean sentiment of what customers wrote, from −1 to 1. Newsletters, notifications and spam are left out.',
  width: 4,
  decimals: 2,
  thresholds: mood,
  empty: 'No mail in this time range',
  sql: `
    SELECT if(count() = 0, NULL, sum(sentiment_score) / count()) AS mean
    FROM messages
    WHERE direction = 'inbound' AND sentiment != 'unscored' AND ${human} AND ${hours} AND ${mailScope}`,
});

export const volume = series({
  title: 'Mail by direction',
  description: 'Mails by the hour they were received, or by longer steps where the time range is long.',
  width: 12,
  style: 'bars',
  interval: '1h',
  unit: 'short',
  empty: 'No mail in this time range',
  sql: `
    SELECT
      $__timeInterval(hour) AS time,
      sumIf(mails, direction = 'inbound') AS inbound, sumIf(mails, direction = 'outbound') AS outbound,
      sumIf(mails, direction = 'internal') AS internal
    FROM
    (
      SELECT toStartOfHour(received_at) AS hour, direction, count() AS mails
      FROM messages
      WHERE ${hours} AND ${mailScope}
      GROUP BY hour, direction
    )
    GROUP BY time
    ORDER BY time`,
});

export const moods = series({
  title: 'Mood of incoming mail',
  description:
    'Share of negative, neutral and positive mail from customers. Newsletters, notifications and spam are left out.',
  width: 12,
  style: 'shares',
  interval: '1h',
  empty: 'No mail in this time range',
  sql: `
    SELECT
      $__timeInterval(hour) AS time,
      sumIf(mails, sentiment = 'positive') AS positive, sumIf(mails, sentiment = 'neutral') AS neutral,
      sumIf(mails, sentiment = 'negative') AS negative
    FROM
    (
      SELECT toStartOfHour(received_at) AS hour, sentiment, count() AS mails
      FROM messages
      WHERE direction = 'inbound' AND ${human} AND ${hours} AND ${mailScope}
      GROUP BY hour, sentiment
    )
    GROUP BY time
    ORDER BY time`,
});

export const sentiment = series({
  title: 'Sentiment over time',
  description:
    'Mean sentiment by team of what customers wrote, from −1 to 1. Newsletters, notifications and spam are left out.',
  width: 12,
  interval: '1h',
  min: -1,
  max: 1,
  decimals: 2,
  label: 'team',
  empty: 'No mail in this time range',
  sql: `
    SELECT $__timeInterval(hour) AS time, if(team_id = '', '(none)', team_id) AS team, sum(score) / sum(mails) AS sentiment
    FROM
    (
      SELECT toStartOfHour(received_at) AS hour, team_id, sum(sentiment_score) AS score, count() AS mails
      FROM messages
      WHERE direction = 'inbound' AND sentiment != 'unscored' AND ${human} AND ${hours} AND ${mailScope}
      GROUP BY hour, team_id
    )
    GROUP BY time, team
    ORDER BY time, team`,
});

export const categories = bars({
  title: 'Categories',
  description: 'What incoming mail is about, by the category model.',
  width: 6,
  empty: 'No mail in this time range',
  sql: `
    SELECT category, count() AS mails
    FROM messages
    WHERE direction = 'inbound' AND ${hours} AND ${mailScope}
    GROUP BY category
    ORDER BY mails DESC, category`,
});

export const importance = bars({
  title: 'Importance',
  description: 'Incoming mail by importance, from 0 to 100. The reasons of each are with the mail.',
  width: 6,
  color: colors.warning,
  empty: 'No mail in this time range',
  sql: `
    SELECT concat(toString(step * 20), ' to ', toString(step = 4 ? 100 : step * 20 + 19)) AS importance, count() AS mails
    FROM (SELECT least(intDiv(importance, 20), 4) AS step FROM messages WHERE direction = 'inbound' AND $__timeFilter(received_at) AND ${mailScope})
    GROUP BY step
    ORDER BY step DESC`,
});

export const lastHour = series({
  title: 'The last hour, minute by minute',
  description:
    'Live mail as the stream counted it, each minute ten seconds after its end. Imported history is not in it.',
  width: 24,
  height: 6,
  style: 'bars',
  interval: '1m',
  last: '1h',
  unit: 'short',
  empty: 'No live mail in the last hour',
  sql: `
    SELECT $__timeInterval(start) AS time, sum(mails_in) AS inbound, sum(mails_out) AS outbound, sum(mails_internal) AS internal
    FROM metric_windows
    WHERE $__timeFilter(start) AND ${mailScope}
    GROUP BY time
    ORDER BY time`,
});
