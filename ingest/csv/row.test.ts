import { describe, expect, it } from 'vitest';
import { recognise } from './known-headers.ts';
import { type Mapping, mappingSchema, missingColumns, parseMapping, startingMapping } from './mapping.ts';
import { recordEnds } from './record-end.ts';
import { cellsOf, lineOf, RowFault, type RowReader } from './row.ts';
import { datesIn, readNumber, readTime } from './values.ts';

const utc = { dates: null, timezone: 'UTC' } as const;
const at = (text: string, reading: Parameters<typeof readTime>[1] = utc): string => {
  const read = readTime(text, reading);
  return 'fault' in read ? read.fault : new Date(read.at_ms).toISOString();
};

function readerOf(header: string[], mapping: unknown): RowReader {
  const checked = mappingSchema.parse(mapping);
  return { header, mapping: checked, delimiter: ',', times: utc, default_ms: Date.UTC(2025, 0, 2) };
}

describe('recordEnds', () => {
  const split = (text: string, cut: number): string[] => {
    const endIn = recordEnds(',');
    const records: string[] = [];
    let open = '';
    for (const chunk of [Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))]) {
      let from = 0;
      for (let end = endIn(chunk, 0); end >= 0; end = endIn(chunk, from)) {
        records.push(open + chunk.toString('utf8', from, end));
        open = '';
        from = end + 1;
      }
      open += chunk.toString('utf8', from);
    }
    return open === '' ? records : [...records, open];
  };

  it('keeps a line feed within quotes, wherever the chunks are cut', () => {
    const text = 'a,"line\none ""quoted""\n",b\n5" pipe,x\n"",y\r\n"q"\nlast';
    const records = ['a,"line\none ""quoted""\n",b', '5" pipe,x', '"",y\r', '"q"', 'last'];
    for (let cut = 0; cut <= text.length; cut++) expect(split(text, cut)).toEqual(records);
  });
});

describe('cells', () => {
  it('are unquoted, and read as Windows-1252 where they are not UTF-8', () => {
    expect(cellsOf(Buffer.from('a,"b ""c""",\r'), ',')).toEqual(['a', 'b "c"', '']);
    expect(cellsOf(Buffer.from('M\xfcller;\x80 5', 'latin1'), ';')).toEqual(['Müller', '€ 5']);
  });

  it('of a row that no quote ends are a fault', () => {
    expect(() => cellsOf(Buffer.from('a,"b'), ',')).toThrow(RowFault);
  });
});

describe('times', () => {
  it.each([
    ['2025-03-04', '2025-03-04T00:00:00.000Z'],
    ['2025-03-04 09:05', '2025-03-04T09:05:00.000Z'],
    ['2025-03-04T09:05:06+02:00', '2025-03-04T07:05:06.000Z'],
    ['31/12/2025 11:30 PM', '2025-12-31T23:30:00.000Z'],
    ['12/31/2025, 12:00 AM', '2025-12-31T00:00:00.000Z'],
    ['04.03.2025 09:05', '2025-03-04T09:05:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(at(text)).toBe(time);
  });

  it.each(['2025-02-30', '31/31/2025', 'yesterday', '2025-03-04 25:00'])('%s is none', text => {
    expect(at(text)).toMatch(/is no time/);
  });

  it('that could be two dates need to be told', () => {
    expect(at('03/04/2025')).toMatch(/dates: day-first/);
    expect(at('03/04/2025', { dates: 'day-first', timezone: 'UTC' })).toBe('2025-04-03T00:00:00.000Z');
    expect(datesIn(['03/04/2025', '04/13/2025'])).toBe('month-first');
    expect(datesIn(['03/04/2025', ''])).toBeNull();
  });

  it('are of the zone, before and after its clocks change', () => {
    const berlin = { dates: null, timezone: 'Europe/Berlin' } as const;
    expect(at('2025-03-30 01:59', berlin)).toBe('2025-03-30T00:59:00.000Z');
    expect(at('2025-03-30 03:00', berlin)).toBe('2025-03-30T01:00:00.000Z');
    expect(at('2025-12-01 12:00', berlin)).toBe('2025-12-01T11:00:00.000Z');
  });
});

it.each([
  ['$1,234.50', '.', 1234.5],
  ['1.234,50 €', ',', 1234.5],
  ['EUR 12', '.', 12],
  ['-3', '.', -3],
  ['n/a', '.', Number.NaN],
  ['', '.', Number.NaN],
] as const)('the number %j with decimal %s is %d', (text, decimal, number) => {
  expect(readNumber(text, decimal)).toBe(number);
});

describe('a row', () => {
  const header = ['Deal ID', 'Title', 'Value', 'Status', 'Changed', 'First', 'Last', 'Note'];
  const columns = {
    id: 'Deal ID',
    name: ['First', 'Last'],
    amount: 'Value',
    outcome: { column: 'Status', values: { WON: 'won', Lost: 'lost' } },
    changed_at: 'Changed',
    team: { value: 'emea' },
  };
  const reader = readerOf(header, { record: 'deal', columns });
  const row = (text: string) => lineOf(Buffer.from(text), reader);

  it('becomes the line that the mapping says, with every cell in its fields', () => {
    expect(row('7,Big,"1,200",Won,2025-01-01,Ada,Byron,')).toEqual({
      crm: 'deal',
      id: '7',
      name: 'Ada Byron',
      amount: 1200,
      outcome: 'won',
      team: 'emea',
      changed_at: '2025-01-01T00:00:00.000Z',
      fields: {
        'Deal ID': '7',
        Title: 'Big',
        Value: '1,200',
        Status: 'Won',
        Changed: '2025-01-01',
        First: 'Ada',
        Last: 'Byron',
      },
    });
  });

  it('that tells no time has the file’s', () => {
    expect(row('7,,,open,,,,')).toMatchObject({ changed_at: '2025-01-02T00:00:00.000Z' });
    expect(row('7,,,open,,,,')).not.toHaveProperty('outcome');
  });

  it.each([
    ['7,,x', 'the row has 3 cells, the header 8'],
    ['7,,many,,,,,', 'amount: "many" is no number'],
    ['7,,1,,soon,,,', 'changed_at: "soon" is no time'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => row(text)).toThrow(message);
  });

  it('of an event without an id is the same event when it comes again', () => {
    const events = readerOf(['what', 'who'], { record: 'event', columns: { type: 'what', email: 'who' } });
    const [first, again, other] = ['paid,a@x.de', 'paid,a@x.de', 'paid,b@x.de'].map(text =>
      lineOf(Buffer.from(text), events),
    );
    expect(first).toMatchObject({ type: 'paid', subject: 'a@x.de', source: 'csv:paid', data: { who: 'a@x.de' } });
    expect(again?.id).toBe(first?.id);
    expect(other?.id).not.toBe(first?.id);
  });
});

describe('a mapping', () => {
  const faults = (text: string): string => {
    try {
      parseMapping(text, 'm.yaml');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('tells all its faults, with their places', () => {
    const text = 'record: deal\ncolumns:\n  id: ID\n  ammount: Value\n  name: []\ntimezone: Mars/Base\n';
    expect(faults(text).split('\n').sort()).toEqual([
      expect.stringMatching(/^m.yaml:4:12 columns.ammount: unknown key; did you mean "amount"\?$/),
      expect.stringMatching(/^m.yaml:5:9 columns.name: /),
      'm.yaml:6:11 timezone: expected a time zone such as Europe/Berlin',
    ]);
    expect(faults('record: deal\ncolumns: {}\n')).toBe('m.yaml:2:10 columns.id: missing');
    expect(faults('record: order\ncolumns: {}\n')).toMatch(/^m.yaml:1:9 record: /);
    expect(faults('record: [')).toMatch(/^m.yaml:1:/);
  });

  it('is held against the header', () => {
    const mapping = { record: 'deal', columns: { id: 'ID', amount: 'Vlaue' } } as unknown as Mapping;
    expect(missingColumns(mapping, ['ID', 'Value'])).toContain('"Vlaue" (did you mean "Value"?)');
    expect(missingColumns(mapping, ['ID', 'Vlaue'])).toBeNull();
  });

  it('to begin with is one', () => {
    const mapping = parseMapping(startingMapping(['Order ID', 'Amount (EUR)', 'Note']), 'm.yaml');
    expect(mapping.columns).toEqual({ id: 'Order ID', amount: 'Amount (EUR)' });
  });
});

describe('exports that are known', () => {
  it.each([
    ['HubSpot deals', 'Record ID,Deal Name,Deal Stage,Amount,Last Modified Date', 'deal'],
    ['HubSpot contacts', 'Record ID,First Name,Last Name,Email,Lifecycle Stage', 'contact'],
    ['HubSpot companies', 'Record ID,Company name,Company owner', 'account'],
    ['Salesforce opportunities', 'Id,AccountId,Name,StageName,Amount,LastModifiedDate', 'deal'],
    ['Salesforce leads', 'Id,LastName,FirstName,Company,Email,Status', 'lead'],
    ['Salesforce contacts', 'Id,AccountId,LastName,FirstName,Email', 'contact'],
    ['Salesforce accounts', 'Id,Name,Industry', 'account'],
    ['Pipedrive deals', 'Deal - ID,Deal - Title,Deal - Value,Deal - Stage,Deal - Status', 'deal'],
    ['Pipedrive people', 'Person - ID,Person - Name,Person - Email - Work', 'contact'],
    ['Pipedrive organizations', 'Organization - ID,Organization - Name', 'account'],
  ])('%s', (name, header, record) => {
    const found = recognise(header.split(','));
    expect(found).toMatchObject({ export: name, mapping: { record } });
    expect(missingColumns(found?.mapping as Mapping, header.split(','))).toBeNull();
    expect(mappingSchema.safeParse(found?.mapping).success).toBe(true);
  });

  it('are not guessed', () => {
    expect(recognise(['a', 'b'])).toBeNull();
  });
});
