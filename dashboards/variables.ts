/** What a dashboard can be narrowed to, and the conditions that do it. */
import {
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource, withoutIndent } from './clickhouse.ts';

const all = { selected: true, text: ['All'], value: ['$__all'] };

/** Whose rows: several values or all. A row without a value (no team, say) is in "All" and not in the list. */
function choice(name: string, label: string, sql: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ refId: name, editorType: 'sql', queryType: 'table', format: 1, rawSql: withoutIndent(sql) })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .current(all);
}

export const organization = (): QueryVariableBuilder =>
  choice(
    'organization',
    'Organisation',
    'SELECT DISTINCT organization_id FROM source_positions ORDER BY organization_id',
  );

const ofMessages = (column: string, within: readonly Scope[]): string => `
  SELECT DISTINCT ${column} FROM messages
  WHERE ${column} != '' AND ${scope(...within)}
  ORDER BY ${column}`;

export const team = (): QueryVariableBuilder => choice('team', 'Team', ofMessages('team_id', ['organization']));
export const mailbox = (): QueryVariableBuilder =>
  choice('mailbox', 'Mailbox', ofMessages('mailbox', ['organization', 'team']));
export const category = (): QueryVariableBuilder =>
  choice('category', 'Category', ofMessages('category', ['organization']));

/** Of the business calendar: Grafana does not tell a query the viewer's time zone. */
export const timeZone = (): TextBoxVariableBuilder =>
  new TextBoxVariableBuilder('time_zone')
    .label('Office time zone')
    .defaultValue('UTC')
    .description('Business hours are Monday to Friday, 9 to 17, on the clocks of this zone, such as Europe/Berlin.');

/** Where the built-in page answers, for the links that show one record's trace. */
export const page = (): TextBoxVariableBuilder =>
  new TextBoxVariableBuilder('page')
    .label('Millrace')
    .defaultValue('http://127.0.0.1:8088')
    .description('The address of the Millrace page that links open.');

/** The columns are the same in every table and view. */
const columns = { organization: 'organization_id', team: 'team_id', mailbox: 'mailbox', category: 'category' } as const;
export type Scope = keyof typeof columns;

/** The condition that keeps what the variables select; each costs nothing while it says "All". */
export function scope(...names: readonly Scope[]): string {
  return names.map(name => `$__conditionalAll(${columns[name]} IN (\${${name}:singlequote}), $${name})`).join(' AND ');
}

/** Every condition that mail has. */
export const mailScope = scope('organization', 'team', 'mailbox', 'category');
/** Of people and leads, who have no category. */
export const peopleScope = scope('organization', 'team', 'mailbox');
