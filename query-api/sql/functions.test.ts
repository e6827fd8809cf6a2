import { describe, expect, it } from 'vitest';
import { isAggregate, isAllowedFunction } from './functions.ts';

describe('the functions of a statement', () => {
  it.each(['count', 'sumIf', 'uniqArrayState', 'quantileTDigest', 'toStartOfHour', 'SUBSTRING', 'in', 'lambda', 'e'])(
    '%s may be called',
    name => expect(isAllowedFunction(name)).toBe(true),
  );

  it.each([
    ...['file', 'FILE', 'fileIf', 'catboostEvaluate', 'dictGet', 'dictGetOrNull', 'joinGet', 'joinGetOrNull', 'sleep'],
    ...[
      'getMacro',
      'getServerSetting',
      'hostName',
      'hasColumnInTable',
      'initializeAggregation',
      'flameGraph',
      'aiGenerate',
    ],
    ...['', 'numbers', 'merge', 'a user’s own', '__getScalar', 'formatRow', 'timeSeriesIdToTags'],
  ])('%s may not', name => expect(isAllowedFunction(name)).toBe(false));

  it('knows an aggregate by its combinators', () => {
    expect(isAggregate('sumArrayIfOrNull')).toBe(true);
    expect(isAggregate('arrayMap')).toBe(false);
    expect(isAggregate('aggThrow')).toBe(false);
  });
});
