/**
 * What a statement may read: the caller's databases, and of the system what clients ask to know what there is.
 *
 * `system.tables`, `system.columns` and `system.databases` tell of every database. `additional_table_filters`, which the caller
 * cannot set, leaves his own of them; it holds in views, subqueries and SHOW. Two things get around it, and are refused:
 * `merge()`, and a function that fails by the value it is given, because the engine tries a condition on the names of all
 * databases before it filters them.
 */
import type { Node } from './syntax-tree.ts';

export interface Allowed {
  readonly databases: ReadonlySet<string>;
  /**
   * Whether the definition of a view may be read. Where it may not, views are taken for what limits the caller's rows, and
   * everything is refused that tells of what is behind them.
   */
  readonly definitions: boolean;
  /** Tables of `system` beside those that every client asks. */
  readonly system_tables?: ReadonlySet<string>;
}

const listing_tables = new Set(['tables', 'columns', 'databases']);
const system_tables = new Set(
  `one numbers numbers_mt zeros zeros_mt functions formats data_type_families table_functions table_engines settings time_zones
  collations keywords contributors licenses build_options aggregate_function_combinators`.split(/\s+/),
);
const schema_databases = new Set(['information_schema', 'INFORMATION_SCHEMA']);
const schema_tables = new Set(
  'tables columns schemata key_column_usage referential_constraints statistics character_sets collations engines'.split(
    ' ',
  ),
);

/** What else of the system tells of tables, with the column of the database. */
const filtered_tables = ['parts', 'parts_columns', 'mutations', 'merges', 'detached_parts', 'data_skipping_indices'];

/** What an administrator may read beside it, of his own databases. */
export const administration_tables: ReadonlySet<string> = new Set(filtered_tables);

export type Reach = 'data' | 'listing' | null;

/** Which kind of table it is; null for one that may not be read. */
export function reachOf(database: string, table: string, allowed: Allowed): Reach {
  if (allowed.databases.has(database)) return 'data';
  if (database === 'system') {
    if (listing_tables.has(table)) return 'listing';
    return system_tables.has(table) || allowed.system_tables?.has(table) === true ? 'data' : null;
  }
  if (!schema_databases.has(database)) return null;
  return schema_tables.has(table.toLowerCase()) ? 'listing' : null;
}

export function isListed(database: string, allowed: Allowed): boolean {
  return allowed.databases.has(database) || database === 'system' || schema_databases.has(database);
}

/**
 * Settings of ours for whatever the caller asks.
 *
 * @param value_indices those that are asked with the whole of a condition
 */
export function settingsFor(allowed: Allowed, value_indices: readonly string[] = []): ReadonlyMap<string, string> {
  const databases = [...allowed.databases, 'system', ...schema_databases].map(quoted).join(', ');
  const own = `database IN (${databases})`;
  const filters = new Map([...[...listing_tables, ...filtered_tables].map(table => [table, own] as const)]);
  filters.set('databases', `name IN (${databases})`);
  // The bodies of functions that others have defined.
  if (!allowed.definitions) filters.set('functions', "origin = 'System'");
  const entries = [...filters].map(([table, filter]) => `${quoted(`system.${table}`)}: ${quoted(filter)}`);
  return new Map([
    ['additional_table_filters', `{${entries.join(', ')}}`],
    ...(allowed.definitions ? [] : rowLimitSettings(value_indices)),
  ]);
}

/**
 * A view that limits the caller's rows is no barrier by itself: the engine evaluates his conditions on rows that the view hides, and
 * one that fails tells of them, some in the text of the error. It joins them with the view's and takes his first where it thinks so;
 * makes filters of his JOINs; asks an index of values whether one of them fits, and computes on a projection's rows before it
 * filters those. With these the view's condition stays below everything that the caller writes. His conditions still reach
 * PREWHERE's place in line, the primary key and the other indices.
 */
const rowLimitSettings = (value_indices: readonly string[]): [string, string][] => [
  ['query_plan_merge_filters', '0'],
  ['enable_join_runtime_filters', '0'],
  ['optimize_use_projections', '0'],
  ['optimize_use_implicit_projections', '0'],
  ...(value_indices.length > 0
    ? [['ignore_data_skipping_indices', value_indices.map(backquoted).join(',')] as [string, string]]
    : []),
];

const backquoted = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

// ── Statements that read a listing, of callers who are limited to some rows ──────────────────────────────────────────

/** Fail for no value. */
const total_functions = new Set(
  `and or not xor equals notequals less greater lessorequals greaterorequals in notin globalin globalnotin isnull isnotnull if
  multiif casewithexpression coalesce ifnull nullif concat lower upper length empty notempty startswith endswith position
  positioncaseinsensitive tostring tuple array count countdistinct countif any anylast min max sum uniq uniqexact grouparray
  groupuniqarray arraystringconcat arraysort arrayjoin has formatreadablesize plus multiply version currentdatabase currentuser
  timezone exists`.split(/\s+/),
);
/** Fail for a pattern. */
const pattern_functions = new Set(['like', 'ilike', 'notlike', 'notilike', 'match']);
/** Fail for a text that is no number. */
const number_functions = new Set(
  [8, 16, 32, 64].flatMap(bits => [`toint${bits}`, `touint${bits}`]).concat(['cast', 'tofloat64']),
);
const number_columns = new Set(
  `character_octet_length numeric_precision numeric_precision_radix numeric_scale datetime_precision position total_rows
  total_bytes`.split(/\s+/),
);
/** Columns that hold a view's text, or what is behind it. */
const definition_columns =
  /^(?:create_table_query|as_select|engine_full|definer|data_paths?|metadata_path|view_definition|.*(?:dependenc|loading|target_).*)$/;

/** What in the tree may not stand beside a listing; its name, or null. */
export function listingFault(nodes: readonly Node[], argumentsOf: (node: Node) => readonly Node[]): string | null {
  const plain = isPlain(nodes);
  for (const node of nodes) {
    if (node.kind === 'Function' && !isTotal(node, plain, argumentsOf)) return node.text;
    if (node.kind === 'Identifier' && node.text.toLowerCase().split('.').some(isDefinition)) return node.text;
    if (/^(?:Qualified)?(?:Asterisk|Columns.*Matcher)$/.test(node.kind) && !isCounted(node)) return '*';
  }
  return null;
}

const isDefinition = (name: string): boolean => definition_columns.test(name);

function isCounted({ parent }: Node): boolean {
  return parent?.kind === 'ExpressionList' && parent.parent?.kind === 'Function' && parent.parent.text === 'count';
}

function isTotal(node: Node, plain: boolean, argumentsOf: (node: Node) => readonly Node[]): boolean {
  const name = node.text.toLowerCase();
  const [first, second] = argumentsOf(node);
  if (total_functions.has(name) || node.parent?.kind === 'TableExpression') return true;
  if (pattern_functions.has(name)) return second?.kind === 'Literal';
  if (!number_functions.has(name) || !first) return false;
  const to_text = name === 'cast' && /^'(?:Nullable\()?String\)?'$/.test(second?.text ?? '');
  return to_text || first.text === 'NULL' || (plain && isNumber(first, argumentsOf));
}

/** One SELECT from the system's own tables, in which a column's name is that column. */
function isPlain(nodes: readonly Node[]): boolean {
  const selects = nodes.filter(node => node.kind === 'SelectQuery').length;
  const renamed = nodes.some(({ alias }) => alias !== null && number_columns.has(alias.toLowerCase()));
  const others = nodes.some(node => node.parent?.kind === 'TableExpression' && !/^system\./.test(node.text));
  return selects === 1 && !renamed && !others && !nodes.some(node => node.kind === 'WithElement');
}

/** Whether a value is a number whatever the row: then nothing can fail to be read as one. */
function isNumber(node: Node, argumentsOf: (node: Node) => readonly Node[]): boolean {
  if (node.kind === 'Literal') return /^(?:NULL$|U?Int\d+_)/.test(node.text);
  if (node.kind === 'Identifier') return number_columns.has(node.text.toLowerCase().split('.').at(-1) ?? '');
  if (node.kind !== 'Function') return false;
  const values = argumentsOf(node);
  const name = node.text.toLowerCase();
  if (name === 'if') return values.slice(1).every(value => isNumber(value, argumentsOf));
  if (name === 'multiif') {
    return values.every((value, i) => (i % 2 === 0 && i < values.length - 1) || isNumber(value, argumentsOf));
  }
  return name === 'position' || name === 'length';
}
