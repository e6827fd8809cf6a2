import { describe, expect, it } from 'vitest';
import { Tokens } from '../text/tokens.ts';
import { findByRule } from './finders.ts';

const tokens = new Tokens();
const find = (text: string): string[] =>
  findByRule(tokens.read(text), 100).map(({ type, start, end }) => `${type}: ${text.slice(start, end)}`);

describe('findByRule', () => {
  it.each([
    ['Write to ann.lee@a.test or see https://a.test/x.', ['email: ann.lee@a.test', 'url: https://a.test/x']],
    ['It costs $1,299.50, or 300 EUR, or £2.5 million.', ['money: $1,299.50', 'money: 300 EUR', 'money: £2.5 million']],
    [
      'USD 400 or US$20k or 12 € or 20 dollars',
      ['money: USD 400', 'money: US$20k', 'money: 12 €', 'money: 20 dollars'],
    ],
    ['By 2024-05-06 or 6.5.2024 or 06/05/24', ['date: 2024-05-06', 'date: 6.5.2024', 'date: 06/05/24']],
    ['On May 6th, 2024 and 6. Mai 2024', ['date: May 6th, 2024', 'date: 6. Mai 2024']],
    ['next Tuesday at 3 pm, tomorrow morning', ['date: next Tuesday at 3 pm, tomorrow morning']],
    ['Monday, 6 May 2024 at 10:30', ['date: Monday, 6 May 2024 at 10:30']],
    ['in September, but you may march', ['date: September']],
    ['Call +49 30 1234567 or (020) 7946-0018', ['phone: +49 30 1234567', 'phone: (020) 7946-0018']],
    ['Tel: 555 1234 99 or 555-123-4567', ['phone: 555 1234 99', 'phone: 555-123-4567']],
    ['Pay by Friday. Tomorrow is late. Come on Mon. 6 May.', ['date: Friday', 'date: Tomorrow', 'date: Mon. 6 May']],
    [
      'On 6.5.2024, 7.5.2024; 3 June, 4 June; Monday, Tuesday',
      ['6.5.2024', '7.5.2024', '3 June', '4 June', 'Monday', 'Tuesday'].map(day => `date: ${day}`),
    ],
    ['Friday at 5:30pm, mardi 7 mai à 14h30', ['date: Friday at 5:30pm', 'date: 7 mai', 'date: 14h30']],
    ['5 de mayo de 2024, then 1er juin 2024', ['date: 5 de mayo de 2024', 'date: 1er juin 2024']],
    ['12 de maio and 12 maja 2024 and 3 maart', ['date: 12 de maio', 'date: 12 maja 2024', 'date: 3 maart']],
    [
      "CHF 1'250.00 or 1 234,50 € or EUR 12 300 000 now",
      ["money: CHF 1'250.00", 'money: 1 234,50 €', 'money: EUR 12 300 000'],
    ],
    ['Chair\t2\t$50.00\nDesk 1 $200.00, 20 $ or 20$', ['$50.00', '$200.00', '20 $', '20$'].map(sum => `money: ${sum}`)],
    ['10am, 11:30, 3 pm, tomorrow at 2pm', ['10am', '11:30', '3 pm, tomorrow at 2pm'].map(time => `date: ${time}`)],
    ['500 zł at 09:00-10:30', ['money: 500 zł', 'date: 09:00-10:30']],
    ['5k EUR, 3 Mio. EUR', ['money: 5k EUR', 'money: 3 Mio. EUR']],
    [
      'Seats: 2\nEUR 300\n\n020 7946 0958\n020 7946 0959',
      ['money: EUR 300', 'phone: 020 7946 0958', 'phone: 020 7946 0959'],
    ],
    ['Tel. 030 1234567 or 0171/1234567', ['phone: 030 1234567', 'phone: 0171/1234567']],
    ['Call 1-800-555-0199 or 030-12345678', ['phone: 1-800-555-0199', 'phone: 030-12345678']],
    ['facture n° F2024-88; order number\n112-998877', ['order_number: F2024-88', 'order_number: 112-998877']],
    ['your order 300 EUR, your claim 6.5.2024', ['money: 300 EUR', 'date: 6.5.2024']],
    ['invoice no. 4711 and order #A-1234/5', ['order_number: 4711', 'order_number: A-1234/5']],
    [
      'INV-2024-001, ticket 90210, Rechnung Nr. 12345',
      ['order_number: INV-2024-001', 'order_number: 90210', 'order_number: 12345'],
    ],
  ])('%s', (text, found) => expect(find(text)).toEqual(found));

  it.each([
    'I may go. We march on. Order two pizzas. The case is closed.',
    'Section 3.2 of 4, 12 people, 7 of 9, version 1.2.3',
    'I have 20 apples and 1234567 reasons',
    'We order 500 chairs. Please quote 1000 pieces.',
    'version 99/99/9999, 2024-13-45, account DE89 3704 0044 0532 0130 00',
    'in order to win, in case 2 of us come',
    '',
  ])('finds nothing in %j', text => expect(find(text)).toEqual([]));

  it.each(['1 ', '+1', '(1) ', '1-', 'order #', 'May ', 'Monday, ', '$', '$1 ', 'at 3 pm '])(
    'takes a megabyte of %j in little time',
    unit => {
      const started = performance.now();
      findByRule(tokens.read(unit.repeat(Math.ceil(1_000_000 / unit.length))), 100);
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );
});
