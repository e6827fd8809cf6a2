/** The committed files, as Grafana reads them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { datasource } from './clickhouse.ts';
import { dashboards } from './index.ts';

interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}
interface Target {
  refId: string;
  datasource: unknown;
  rawSql: string;
  editorType: string;
  format: number;
  queryType: string;
}
interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPos;
  datasource?: unknown;
  targets?: Target[];
  fieldConfig?: { defaults: { noValue?: string } };
}
interface File {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: { name: string; datasource?: unknown }[] };
}

const folder = join(import.meta.dirname, 'out');
const overlap = (a: GridPos, b: GridPos): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

it('no two dashboards have one name', () => {
  expect(new Set(dashboards.map(({ name }) => name)).size).toBe(dashboards.length);
});

describe.each(dashboards.map(({ name, dashboard }) => ({ name, dashboard })))('$name', ({ name, dashboard }) => {
  const text = readFileSync(join(folder, `${name}.json`), 'utf8');
  const file = JSON.parse(text) as File;
  const panels = file.panels.filter(({ type }) => type !== 'row');
  const targets = panels.flatMap(panel => panel.targets ?? []);

  it('is what the code makes', () => {
    expect(text).toBe(`${JSON.stringify(dashboard, null, 2)}\n`);
  });

  it('has an address that Grafana takes', () => {
    expect(file.uid).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
    expect(file).not.toHaveProperty('id', expect.any(Number));
  });

  it('numbers its panels and places them side by side', () => {
    expect(new Set(file.panels.map(({ id }) => id)).size).toBe(file.panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const [index, { title, gridPos }] of file.panels.entries()) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (const other of file.panels.slice(index + 1))
        expect(overlap(gridPos, other.gridPos), `${title} and ${other.title}`).toBe(false);
    }
  });

  it('says of each panel what it shows, and what an empty one means', () => {
    for (const panel of panels) {
      expect(panel.description, panel.title).toMatch(/\.$/);
      expect(panel.fieldConfig?.defaults.noValue, panel.title).toBeTruthy();
    }
  });

  it('asks one data source, in its own query form', () => {
    for (const panel of panels) expect(panel.datasource, panel.title).toEqual(datasource);
    for (const target of targets)
      expect(target).toMatchObject({
        datasource,
        editorType: 'sql',
        refId: 'A',
        format: target.queryType === 'timeseries' ? 0 : 1,
      });
  });

  it('names no organisation and no machine, and uses only variables that it has', () => {
    const has = new Set(file.templating.list.map(variable => variable.name));
    expect(text).not.toMatch(/organization_id (=|IN) ?\(?'/);
    expect(text).not.toContain('sample');
    const used = [...text.matchAll(/\$\{(\w+)(?::\w+)?\}/g)].map(match => match[1] as string);
    for (const variable of used.filter(each => !each.startsWith('__'))) expect(has, variable).toContain(variable);
    for (const { rawSql } of targets) expect(rawSql, rawSql).toMatch(/\$\{organization:singlequote\}|system\.tables/);
  });
});

describe('provisioning', () => {
  const read = (path: string) => parse(readFileSync(join(import.meta.dirname, 'provisioning', path), 'utf8'));

  it('has the data source that the dashboards ask', () => {
    const [source] = read('datasources/clickhouse.yaml').datasources;
    expect(source).toMatchObject(datasource);
    expect(JSON.stringify(source.secureJsonData)).toMatch(/\$__file\{|\$__env\{/);
  });

  it('puts the dashboards into a folder of their own', () => {
    expect(read('dashboards/millrace.yaml').providers).toMatchObject([{ folder: 'Millrace', type: 'file' }]);
  });
});
