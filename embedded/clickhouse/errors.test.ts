import { describe, expect, it } from 'vitest';
import { exceptionBlock, faultOf, refusal } from './errors.ts';

describe('faultOf', () => {
  it('reads the engine’s code and drops what stands before it', () => {
    const fault = faultOf(new Error('Query failed: Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)\n'));
    expect(fault).toEqual({ code: 60, status: 404, text: 'Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)' });
  });

  it('gives everything else a code of its own', () => {
    expect(faultOf(new Error('disk full'))).toMatchObject({ code: 1001, status: 500 });
    expect(faultOf('thrown text').text).toContain('thrown text');
  });

  it('tells a full disk as ClickHouse does', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(faultOf(full)).toMatchObject({
      code: 243,
      text: expect.stringMatching(/no space left.*\(NOT_ENOUGH_SPACE\)$/),
    });
  });

  it('answers a refusal with ClickHouse’s status', () => {
    expect(faultOf(refusal('AUTHENTICATION_FAILED', 'no'))).toMatchObject({ code: 516, status: 403 });
  });
});

describe('exceptionBlock', () => {
  it('ends with the message’s length in bytes, by which clients find it', () => {
    const block = exceptionBlock('Code: 1. é\nx', '0123456789abcdef');
    expect(block).toBe(
      '\r\n__exception__\r\n0123456789abcdef\r\nCode: 1. é x\n14 0123456789abcdef\r\n__exception__\r\n',
    );
  });
});
