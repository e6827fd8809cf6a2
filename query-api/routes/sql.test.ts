import { describe, expect, it } from 'vitest';
import { tokenOf } from './sql.ts';
import { execution_s_max, readParameters } from './sql-parameters.ts';

const asked = (query: string): Record<string, string> => {
  const read = readParameters(new URLSearchParams(query));
  if ('code' in read) throw new Error(`refused: ${read.code} ${read.message}`);
  return Object.fromEntries(read);
};

describe('the parameters of a query', () => {
  it('are read-only whatever the caller says, and never under the caller’s name', () => {
    const query =
      'query=SELECT 1&readonly=0&readonly=2&user=x&password=y&session_id=1&role=r&allow_ddl=1&async_insert=1';
    const limit = String(execution_s_max);
    expect(asked(query)).toEqual({ query: 'SELECT 1', readonly: '1', max_execution_time: limit });
  });

  it.each([
    ['', 300],
    ['max_execution_time=0', 300],
    ['max_execution_time=9999999', 300],
    ['max_execution_time=Infinity', 300],
    ['max_execution_time=12.5', 12.5],
  ])('%j may run %d s', (query, seconds) => {
    expect(asked(query).max_execution_time).toBe(String(seconds));
  });

  it('tighten limits and never lift them', () => {
    expect(asked('max_result_rows=5&max_threads=0')).toMatchObject({ max_result_rows: '5' });
    expect(asked('max_threads=0')).not.toHaveProperty('max_threads');
  });

  it.each([
    'compress',
    'client_protocol_version',
    'enable_http_compression',
    'cancel_http_readonly_queries_on_client_close',
    'output_format_json_quote_64bit_integers',
    'session_timezone',
    'date_time_input_format',
    'param_from',
  ])('%s is passed on', name => {
    expect(asked(`${name}=1`)).toHaveProperty(name, '1');
  });

  it.each([
    'max_memory_usage=0',
    'allow_introspection_functions=1',
    'output_format_schema=/tmp/x',
    'format_schema=x',
    'max_execution_time_leaf=0',
    'additional_table_filters={}',
    'max_execution_time=-1',
    'max_execution_time=NaN',
    'max_result_rows=1e9',
    'insert_into=1',
  ])('%s is refused', query => {
    expect(() => asked(query)).toThrow(/refused: (164|72)/);
  });
});

describe('the token', () => {
  it('is found where ClickHouse clients put a password', () => {
    const found = (headers: Record<string, string>, query = '') =>
      tokenOf({ headers: new Map(Object.entries(headers)), query: new URLSearchParams(query) });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(found({ authorization: 'Bearer t' })).toBe('t');
    expect(found({ authorization: basic('default:t:u') })).toBe('t:u');
    expect(found({ authorization: basic('default') })).toBeNull();
    expect(found({ 'x-clickhouse-key': 't' })).toBe('t');
    expect(found({}, 'password=t')).toBe('t');
    expect(found({})).toBeNull();
  });
});
