import { describe, expect, it } from 'vitest';
import { expand, type Values } from './panel-macros.ts';

const range = { from_ms: 1_700_000_000_000, to_ms: 1_700_003_600_500, interval_ms: 60_000 };
const with_ = (variables: Record<string, Values>) => (sql: string) =>
  expand(sql, range, new Map(Object.entries(variables)));

describe('the macros of a panel', () => {
  // As the data source's own tests have them (pkg/macros/macros.go).
  it.each([
    ['$__timeFilter(col)', 'col >= toDateTime(1700000000) AND col <= toDateTime(1700003600)'],
    [
      '$__timeFilter_ms(col)',
      'col >= fromUnixTimestamp64Milli(1700000000000) AND col <= fromUnixTimestamp64Milli(1700003600500)',
    ],
    ['$__timeInterval(col)', 'toStartOfInterval(toDateTime(col), INTERVAL 60 second)'],
    ['$__timeInterval(f(col))', 'toStartOfInterval(toDateTime(f(col)), INTERVAL 60 second)'],
    ['$__timeInterval_ms(col)', 'toStartOfInterval(toDateTime64(col, 3), INTERVAL 60000 millisecond)'],
    ['$__fromTime', 'toDateTime(1700000000)'],
    ['a <= $__toTime AND b', 'a <= toDateTime(1700003600) AND b'],
    ['60 / $__interval_s', '60 / 60'],
  ])('%s', (written, becomes) => {
    expect(with_({})(written)).toBe(becomes);
  });

  it('steps are a second at least', () => {
    expect(expand('$__interval_s', { ...range, interval_ms: 20 }, new Map())).toBe('1');
  });

  const condition = `$__conditionalAll(team_id IN (\${team:singlequote}), $team)`;
  it('keeps a condition where its variable says something', () => {
    expect(with_({ team: ['sales', "o'hara\\"] })(condition)).toBe("team_id IN ('sales','o\\'hara\\\\')");
  });
  it('takes it off where the variable says All or nothing', () => {
    expect(with_({ team: 'all' })(`${condition} AND x`)).toBe('1=1 AND x');
    expect(with_({ team: [''] })(condition)).toBe('1=1');
  });
  it('takes conditions inside conditions', () => {
    expect(
      with_({ team: ['a'], org: 'all' })(`(SELECT 1 WHERE $__conditionalAll(f(a, b) = 1, $org)) AND ${condition}`),
    ).toBe("(SELECT 1 WHERE 1=1) AND team_id IN ('a')");
  });

  it.each(['$__timeGroup(a, 1h)', '$team', `\${team}`, `\${org:singlequote}`, '$__conditionalAll(a, $org)'])(
    'refuses %s',
    sql => {
      expect(() => with_({ team: ['a'] })(sql)).toThrow(/unknown/);
    },
  );
});
