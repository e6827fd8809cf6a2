import { expect, it } from 'vitest';
import { formatOf } from './exports.ts';

it.each([
  [undefined, 'csv'],
  ['*/*', 'csv'],
  ['text/html, text/*;q=0.5', 'csv'],
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/x-ndjson, */*;q=0.1', 'ndjson'],
  ['application/vnd.apache.parquet, text/plain, */*', 'parquet'],
])('an export for whoever accepts %s is %s', (accept, format) => {
  expect(formatOf(accept)).toBe(format);
});

it('is none for whoever accepts nothing that there is', () => {
  expect(() => formatOf('image/png')).toThrow(/text\/csv/);
});
