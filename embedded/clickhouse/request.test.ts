import { describe, expect, it } from 'vitest';
import { multipartFields, readParameters } from './request.ts';

describe('readParameters', () => {
  it('tells settings, parameters and transport apart', () => {
    const search = new URLSearchParams(
      'query=SELECT+1&param_x=1&max_threads=2&enable_http_compression=1&session_id=s&http_zlib_compression_level=1&database=d',
    );
    const read = readParameters(search);
    expect([...read.settings]).toEqual([['max_threads', '2']]);
    expect([...read.params]).toEqual([['x', '1']]);
    expect(read).toMatchObject({
      query: 'SELECT 1',
      database: 'd',
      default_format: 'TabSeparated',
    });
  });

  it('refuses names that could end a SET', () => {
    expect(() => readParameters(new URLSearchParams([['a = 1, b', '1']]))).toThrow('Code: 36.');
    expect(() => readParameters(new URLSearchParams([['param_a b', '1']]))).toThrow('Code: 36.');
  });
});

describe('multipartFields', () => {
  it('reads fields whole, line ends included', () => {
    const body = Buffer.from(
      '--B\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name="param_a"\r\n\r\nx\r\n--B--\r\n',
    );
    expect([...multipartFields(body, 'multipart/form-data; boundary=B')]).toEqual([
      ['query', 'SELECT\r\n\r\n1'],
      ['param_a', 'x'],
    ]);
  });

  it('refuses files', () => {
    const body = Buffer.from('--B\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--B--\r\n');
    expect(() => multipartFields(body, 'multipart/form-data; boundary=B')).toThrow('Code: 48.');
  });
});
