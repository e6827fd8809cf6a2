import { describe, expect, it } from 'vitest';
import { modelNamed } from '../models.ts';
import { asksOf } from './asks.ts';
import { AsksModel } from './asks-model.ts';
import { readMail } from './reading.ts';

const asks = (text: string) => asksOf(readMail({ subject: '', text }));

describe('asks', () => {
  it.each([
    'Could you please send me the signed contract by Friday?',
    'Please let me know when you are available.',
    'Can we meet on Tuesday?',
    'Please review the attached draft and send your comments.',
  ])('hears it in %j', text => {
    expect(asks(text).probability).toBeGreaterThan(0.5);
  });

  it.each(['The meeting went well.', 'I have sent the report to Jeff.', 'We were in Houston last week.', ''])(
    'hears none in %j',
    text => {
      expect(asks(text).probability).toBeLessThan(0.5);
    },
  );

  it('says which sentence asks most', () => {
    const text = 'The meeting went well.  Could you please send me the minutes?  We were all there.';
    const { start, end } = asks(text);
    expect(text.slice(start, end)).toBe('Could you please send me the minutes?');
  });

  it('leaves signatures, devices and disclaimers out', () => {
    const own = 'The meeting went well.';
    const request = 'Please send me the report. Could you call me?';
    const { probability } = asks(own);
    expect(asks(`${own}\n${request}`).probability).toBeGreaterThan(0.5);
    for (const border of ['-- \n', 'Sent from my phone. ', 'This is confidential and for the intended recipient. ']) {
      expect(asks(`${own}\n\n${border}${request}`).probability).toBe(probability);
    }
  });

  it('is surer of several requests than of one, and not of many statements', () => {
    const request = 'Please let me know when you are available.';
    expect(asks(`${request} ${request}`).probability).toBeGreaterThan(asks(request).probability);
    expect(asks('The meeting went well. '.repeat(200)).probability).toBeLessThan(0.5);
  });

  it('refuses a model whose features are others', () => {
    const shipped = modelNamed('asks');
    expect(() => new AsksModel({ ...shipped, spec: { ...shipped.spec, bits: 18 } })).toThrow('other features');
  });
});
