import { describe, expect, it } from 'vitest';
import { csvHead } from './header.ts';
import { recognise } from './known-headers.ts';
import { type Mapping, mappingSchema, missingColumns, parseMapping, startingMapping } from './mapping.ts';
import { numbered, recordEnds } from './record-end.ts';
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

  it('knows on which line each record begins, wherever the chunks are cut', () => {
    const text = Buffer.from('a,b\r\n"1\n\n2",x\n\nlast,"\n"');
    for (let cut = 0; cut <= text.length; cut++) {
      const lines = numbered(recordEnds(','), 1);
      const begun: number[] = [];
      for (const chunk of [text.subarray(0, cut), text.subarray(cut)]) {
        for (let end = lines.endIn(chunk, 0); end >= 0; end = lines.endIn(chunk, end + 1)) begun.push(lines.begun());
      }
      expect([...begun, lines.begun(), lines.next()]).toEqual([1, 2, 5, 6, 7]);
    }
  });
});

describe('the beginning of a file', () => {
  const head = (text: string, assumed = false) => csvHead(Buffer.from(text), assumed);

  it.each([
    [',', 'id,name\n1,"a;b;c"\n'],
    [';', 'id;name;a,b,c,d\n1;x;2,5\n2;"y\nz";3,5\n'],
    ['\t', 'id\tname, first\n1\tx\n'],
    ['|', 'id|name\n1|x\n'],
  ])('tells the delimiter %j', async (delimiter, text) => {
    expect(await head(text)).toMatchObject({ delimiter });
  });

  it('names every column, and none twice', async () => {
    const found = await head('\ufeffname, Name ,name,,name\n1,2,3,4,5\n');
    expect(found?.header).toEqual(['name', 'Name', 'name (2)', 'column 4', 'name (3)']);
  });

  it('names thousands of columns that are called the same at once', async () => {
    const found = await head(`${Array(20_000).fill('a').join(',')}\n`, true);
    expect(found?.header.slice(-1)).toEqual(['a (20000)']);
  });

  it.each(['Dear Ann,\n\nall is well.\n', 'one\ntwo\n', 'a,b\n', ''])('%j is none', async text => {
    expect(await head(text)).toBeNull();
  });

  it('is taken for CSV where somebody says so', async () => {
    expect(await head('email\nada@acme.example\n', true)).toMatchObject({ header: ['email'] });
    expect(await head('', true)).toBeNull();
  });

  it('has hundreds of columns', async () => {
    const names = Array.from({ length: 800 }, (_, i) => `A custom field of some length number ${i}`);
    expect((await head(`${names.join(',')}\n${names.map(() => 'x').join(',')}\n`))?.header).toEqual(names);
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
    [',,1,,,,,', 'id: the row has none'],
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
    expect(() => lineOf(Buffer.from('paid,nobody'), events)).toThrow('email: "nobody" is no e-mail address');
    expect(() => lineOf(Buffer.from(',a@x.de'), events)).toThrow('type: the row has none');
  });

  it('of mails becomes a raw mail, whose headers no cell can add to', () => {
    const names = ['from', 'subject', 'date', 'body', 'id'];
    const columns = { from: 'from', subject: 'subject', date: 'date', body: 'body', message_id: 'id' };
    const mails = readerOf(names, { record: 'mail', columns });
    const raw = (text: string) => lineOf(Buffer.from(text), mails).mail;
    expect(raw('Ada <a@x.de>,"Hi\r\nBcc: eve@x.de",2025-03-04 09:05,"One\nTwo",1@x.de')).toBe(
      'From: Ada <a@x.de>\r\nSubject: Hi Bcc: eve@x.de\r\nDate: Tue, 04 Mar 2025 09:05:00 GMT\r\nMessage-ID: <1@x.de>\r\n' +
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nOne\nTwo\r\n',
    );
    expect(raw('a@x.de,,"Tue, 4 Mar 2025 09:05:00 +0100",,')).toContain('Date: Tue, 4 Mar 2025 09:05:00 +0100\r\n');
    expect(() => raw('a@x.de,,soon,,')).toThrow('date: "soon" is no time');
    expect(() => raw('Ada,,,,')).toThrow('from: "Ada" has no e-mail address');
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
    expect(faults('record: mail\ncolumns: {from: A, boddy: B}\n')).toBe(
      'm.yaml:2:27 columns.boddy: unknown key; did you mean "body"?',
    );
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
    ['Salesforce opportunity report', 'Opportunity ID,Opportunity Name,Stage,Amount,Account Name', 'deal'],
    ['Salesforce lead report', 'Lead ID,First Name,Last Name,Email,Company / Account', 'lead'],
    ['Salesforce contact report', 'Contact ID,First Name,Last Name,Email', 'contact'],
    ['Pipedrive deals', 'Deal - ID,Deal - Title,Deal - Value,Deal - Stage,Deal - Status', 'deal'],
    ['Pipedrive people', 'Person - ID,Person - Name,Person - Email - Work', 'contact'],
    ['Pipedrive organizations', 'Organization - ID,Organization - Name', 'account'],
    ['mails', 'Date,From,To,Subject,Body', 'mail'],
    ['HubSpot companies', 'Record Id,Company Name,Company Owner', 'account'],
  ])('%s', (name, header, record) => {
    const found = recognise(header.split(','));
    expect(found).toMatchObject({ export: name, mapping: { record } });
    expect(missingColumns(found?.mapping as Mapping, header.split(','))).toBeNull();
    expect(mappingSchema.safeParse(found?.mapping).success).toBe(true);
  });

  it('take no title of a deal for a person’s name', () => {
    const found = recognise(['Record ID', 'Deal name', 'Deal Stage', 'Amount', 'Colour']);
    expect(found?.mapping.columns).toEqual({
      id: 'Record ID',
      stage: 'Deal Stage',
      amount: 'Amount',
      outcome: { column: 'Deal Stage', values: expect.objectContaining({ 'Closed Won': 'won' }) },
    });
  });

  it('are not guessed', () => {
    expect(recognise(['a', 'b'])).toBeNull();
    expect(recognise(['id', 'name'])).toBeNull();
  });
});
