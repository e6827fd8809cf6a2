import { describe, expect, it } from 'vitest';
import { type DataInsert, parseStatement, quoteString, type RowsStatement, withInfile, withOutfile } from './sql.ts';

const outfile = (sql: string) => {
  const statement = parseStatement(sql);
  expect(statement.kind).toBe('rows');
  return withOutfile(statement as RowsStatement, 'P')
    .replace(/\s+/g, ' ')
    .trim();
};
const infile = (sql: string) => {
  const statement = parseStatement(sql);
  expect(statement.kind).toBe('data_insert');
  return withInfile(statement as DataInsert, 'P')
    .replace(/\s+/g, ' ')
    .trim();
};

describe('a statement that answers with rows', () => {
  it.each([
    ['SELECT 1', "SELECT 1 INTO OUTFILE 'P' TRUNCATE"],
    ['SELECT 1;', "SELECT 1 INTO OUTFILE 'P' TRUNCATE"],
    ['SELECT 1 -- last', "SELECT 1 INTO OUTFILE 'P' TRUNCATE"],
    ['SELECT 1\nFORMAT JSON', "SELECT 1 INTO OUTFILE 'P' TRUNCATE FORMAT JSON"],
    [
      'SELECT 1 SETTINGS max_threads = 1 FORMAT JSON',
      "SELECT 1 SETTINGS max_threads = 1 INTO OUTFILE 'P' TRUNCATE FORMAT JSON",
    ],
    ['SELECT 1 FORMAT JSON SETTINGS a = 1;', "SELECT 1 INTO OUTFILE 'P' TRUNCATE FORMAT JSON SETTINGS a = 1"],
    ['(SELECT 1) UNION ALL (SELECT 2)', "(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE 'P' TRUNCATE"],
    ['SELECT t.format x FROM t', "SELECT t.format x FROM t INTO OUTFILE 'P' TRUNCATE"],
    ['SELECT 1 AS format', "SELECT 1 AS format INTO OUTFILE 'P' TRUNCATE"],
  ])('is sent to a file: %s', (sql, expected) => expect(outfile(sql)).toBe(expected));

  it('names its format', () => {
    expect(parseStatement('SELECT 1 FORMAT JSONEachRow')).toMatchObject({ format: 'JSONEachRow' });
    expect(parseStatement('SHOW TABLES')).toMatchObject({ kind: 'rows', format: null });
  });
});

describe('an insert with data', () => {
  it.each([
    ['INSERT INTO t FORMAT CSV', "INSERT INTO t FROM INFILE 'P' FORMAT CSV"],
    [
      'INSERT INTO a.t (x, format) FORMAT JSONEachRow',
      "INSERT INTO a.t (x, format) FROM INFILE 'P' FORMAT JSONEachRow",
    ],
    ['INSERT INTO TABLE t SETTINGS a = 1 FORMAT TSV', "INSERT INTO TABLE t FROM INFILE 'P' SETTINGS a = 1 FORMAT TSV"],
    ['INSERT INTO format FORMAT CSV', "INSERT INTO format FROM INFILE 'P' FORMAT CSV"],
    ['INSERT INTO values VALUES (1)', "INSERT INTO values FROM INFILE 'P' FORMAT Values"],
    [
      "INSERT INTO t (a) SELECT a + 1 FROM input('a UInt8') WHERE a > 1 SETTINGS b = 1 FORMAT Avro",
      "INSERT INTO t (a) SELECT a + 1 FROM file('P', 'Avro', 'a UInt8') WHERE a > 1 SETTINGS b = 1",
    ],
  ])('is read from a file: %s', (sql, expected) => expect(infile(sql)).toBe(expected));

  it('tells where its data begins, and does not read it as SQL', () => {
    const sql = 'INSERT INTO t FORMAT CSV\n\'open; "';
    const statement = parseStatement(sql) as DataInsert;
    expect(sql.slice(statement.data_start)).toBe('\'open; "');
  });

  it('is not one that selects from tables', () => {
    expect(parseStatement('INSERT INTO t SELECT * FROM u').kind).toBe('command');
  });
});

describe('what is refused', () => {
  it.each(['', ' ;', '-- only a comment', 'SELECT 1; SELECT 2', "SELECT 'open", 'SELECT 1\0; DROP TABLE t'])(
    '%j',
    sql => {
      expect(() => parseStatement(sql)).toThrow('Code: 62.');
    },
  );

  it.each([
    "SELECT 1 INTO OUTFILE '/etc/passwd'",
    "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV",
    'SELECT 1 into/**/outfile $$x$$',
  ])('%s', sql => expect(() => parseStatement(sql)).toThrow('Code: 48.'));

  it('semicolons in strings and comments are none', () => {
    expect(parseStatement("SELECT ';' /* ; */ ;; -- ;").kind).toBe('rows');
  });
});

describe('quoteString', () => {
  it('leaves nothing to close the string', () => {
    expect(quoteString("a'b\\")).toBe("'a\\'b\\\\'");
    expect(quoteString('a\0b')).toBe("'a\\0b'");
  });
});
