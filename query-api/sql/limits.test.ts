import { expect, it } from 'vitest';
import { limitsOf, withLimits } from './limits.ts';

it('lowers what is asked for, and asks for the limit where nothing is', () => {
  const asked = withLimits(new URLSearchParams('max_execution_time=300&max_result_rows=5&x=1'), 'viewer');
  const limits = Object.fromEntries([...limitsOf('viewer')].map(([name, value]) => [name, String(value)]));
  expect(Object.fromEntries(asked)).toEqual({ ...limits, max_result_rows: '5', x: '1' });
});
