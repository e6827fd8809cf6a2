/**
 * The list of what a statement may be made of, held against the engine's own syntax tree of it, node by node: a kind of node
 * that is not named here is refused, and so is a function or a table.
 */
import { type Allowed, isListed, listingFault, type Reach, reachOf } from './catalog.ts';
import { in_functions, isAggregate, isAllowedFunction, table_functions, typed_functions } from './functions.ts';
import { quote, type Refusal, refuse } from './refusal.ts';
import { functionFault, readonly_refusal, type Statement, stateFault } from './statement.ts';
import { argumentsOf, type Node, treeOf } from './syntax-tree.ts';

export interface Context {
  readonly statement: Statement;
  /** That an unqualified name is of. */
  readonly database: string;
  readonly allowed: Allowed;
  /** Names of the engine's functions that are not allowed: as a value (`arrayMap(file, …)`) one looks like a column. */
  readonly forbidden: ReadonlySet<string>;
  /** Names of all the engine's table functions, in lower case. */
  readonly table_functions: ReadonlySet<string>;
}

export function treeFault(lines: readonly string[], context: Context): Refusal | null {
  const nodes = treeOf(lines);
  const root = nodes?.[0];
  if (!nodes || !root) return refuse('ACCESS_DENIED', 'a name with a control character in it is not allowed');
  if (!statements.has(root.kind)) return readonly_refusal;
  // A SELECT that the tree does not show is in a part of the statement that it does not show.
  const selects = nodes.filter(node => node.kind === 'SelectQuery').length;
  if (selects !== context.statement.selects) return refuse('ACCESS_DENIED', 'a SELECT in this place is not allowed');
  for (const node of nodes) {
    const fault = nodeFault(node, context);
    if (fault) return fault;
  }
  return context.allowed.definitions ? null : limitedFault(nodes, context);
}

const statements = new Set([
  ...['SelectWithUnionQuery', 'Explain', 'DescribeQuery', 'ShowTables', 'ShowColumns', 'ShowFunctions', 'ShowSetting'],
  ...['ExistsTableQuery', 'ExistsViewQuery', 'ExistsDatabaseQuery'],
  ...['ShowCreateTableQuery', 'ShowCreateViewQuery', 'ShowCreateDatabaseQuery'],
]);

/** They say nothing that the nodes below them do not. */
const transparent = new Set([
  ...['SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'SelectQuery', 'ExpressionList', 'Subquery', 'WithElement'],
  ...['TablesInSelectQuery', 'TablesInSelectQueryElement', 'TableExpression', 'TableJoin', 'ArrayJoin', 'SampleRatio'],
  ...['Asterisk', 'QualifiedAsterisk', 'ColumnsRegexpMatcher', 'ColumnsListMatcher', 'QualifiedColumnsRegexpMatcher'],
  ...['QualifiedColumnsListMatcher', 'ColumnsTransformerList', 'ColumnsExceptTransformer', 'ColumnsReplaceTransformer'],
  ...['ColumnsReplaceTransformer::Replacement', 'ColumnsApplyTransformer', 'OrderByElement', 'InterpolateElement'],
  ...['WindowDefinition', 'WindowListElement', 'Literal', 'DescribeQuery', 'ShowFunctions', 'ShowSetting'],
]);

function nodeFault(node: Node, context: Context): Refusal | null {
  if (transparent.has(node.kind)) return null;
  switch (node.kind) {
    case 'Function':
      return functionNodeFault(node, context);
    case 'Identifier':
      return identifierFault(node, context);
    case 'TableIdentifier':
      return tableFault(node.text, context);
    case 'Explain':
      return explainFault(node, context);
    case 'Set':
      // The options of an EXPLAIN; a SETTINGS clause of the statement itself was taken off.
      return node.parent?.kind === 'Explain'
        ? null
        : refuse('READONLY', 'SETTINGS stands at the end of a statement here');
    case 'ShowTables':
      return databaseFault(node.children[0]?.text ?? null, context);
    case 'ShowColumns':
      return shownColumnsFault(context);
    default:
      return namedObjectFault(node, context);
  }
}

// ── Functions ────────────────────────────────────────────────────────────────────────────────────────────────────────

function functionNodeFault(node: Node, context: Context): Refusal | null {
  const name = node.text.toLowerCase();
  if (node.parent?.kind === 'TableExpression') {
    if (name === 'values') return valuesFault(node);
    return table_functions.has(name) || isView(node, context)
      ? null
      : accessFault(`the table function ${quote(node.text)}`);
  }
  if (!isAllowedFunction(name)) return functionFault(node.text);
  const args = argumentsOf(node);
  const [first, second] = args;
  if (typed_functions.has(name) && !isPlainType(name.startsWith('json') ? args.at(-1) : second)) return stateFault;
  if (name === 'arrayreduce' && !isAggregateName(first)) return stateFault;
  if (in_functions.has(name) && second?.kind === 'Identifier') return tableFault(second.text, context, true);
  return null;
}

/** A view that takes parameters is called like a table function, and found before one of the same name. */
function isView({ text }: Node, context: Context): boolean {
  return !context.table_functions.has(text.toLowerCase()) && reachOfName(text, context) === 'data';
}

/** Its name stands in the statement, and is not put together as it runs. */
function isPlainType(node: Node | undefined): boolean {
  return node?.kind === 'Literal' && node.text.startsWith("'") && !/aggregate\s*function/i.test(node.text);
}

function isAggregateName(node: Node | undefined): boolean {
  const name = /^'(\w+)/.exec(node?.text ?? '')?.[1];
  return node?.kind === 'Literal' && name !== undefined && isAggregate(name);
}

/** `values('a Int8, b String', …)`: a column's default or alias is an expression, in a string. */
function valuesFault(node: Node): Refusal | null {
  const [first, ...rest] = argumentsOf(node);
  const kinds = new Set(['Literal', 'Function']);
  const structure = first?.kind === 'Literal' && first.text.startsWith("'") ? first.text : "''";
  const plain =
    /^'[\w\s(),]*'$/.test(structure) && !/\b(?:default|alias|materialized|ephemeral)\b|aggregate/i.test(structure);
  const tuples = first?.kind !== 'Function' || first.text === 'tuple';
  const known = [first, ...rest].every(each => each !== undefined && kinds.has(each.kind));
  return plain && tuples && known ? null : refuse('SUPPORT_IS_DISABLED', 'values() takes names with plain types here');
}

function identifierFault(node: Node, { forbidden }: Context): Refusal | null {
  const { text, alias } = node;
  if (!forbidden.has(text) && !forbidden.has(text.toLowerCase())) return null;
  if (alias === null && !isInLambdaCall(node)) return null;
  return refuse(
    'SUPPORT_IS_DISABLED',
    `${quote(text)} is a function's name; a column of that name has to be qualified`,
  );
}

/** Whether it may be called for each element: all functions that do so are named after arrays or maps. */
function isInLambdaCall({ parent }: Node): boolean {
  for (let node = parent; node?.kind === 'Function' || node?.kind === 'ExpressionList'; node = node.parent) {
    if (node.kind === 'Function' && /^(?:array|map)/i.test(node.text)) return true;
  }
  return false;
}

// ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const table_name = /^(?:([^.()\s]+)\.)?([^.()\s]+)$/;

function tableFault(name: string, context: Context, as_set = false): Refusal | null {
  const reach = reachOfName(name, context);
  // Nothing says that the filter of a listing holds for a set of it.
  return reach === null || (as_set && reach === 'listing') ? accessFault(quote(name)) : null;
}

/** A name of three parts is one of a catalogue, or of a table with a dot in it; neither is known here. */
function reachOfName(name: string, context: Context): Reach {
  const [, database = context.database, table] = table_name.exec(name) ?? [];
  return table === undefined ? null : reachOf(database, table, context.allowed);
}

function databaseFault(name: string | null, { database, allowed }: Context): Refusal | null {
  return isListed(name ?? database, allowed) ? null : accessFault(`the database ${quote(name ?? database)}`);
}

function accessFault(what: string): Refusal {
  return refuse('ACCESS_DENIED', `${what} is not among what this caller may read`);
}

function shownColumnsFault(context: Context): Refusal | null {
  const { shown } = context.statement;
  return shown ? databaseFault(shown.database, context) : accessFault('this SHOW');
}

/** `EXISTS …` and `SHOW CREATE …`: the object's name is in the nodes below. */
function namedObjectFault(node: Node, context: Context): Refusal | null {
  if (!statements.has(node.kind) || node.parent) return accessFault(`this form of statement (${node.kind})`);
  if (node.kind.startsWith('ShowCreate') && !context.allowed.definitions)
    return accessFault('the definition of a table');
  const names = node.children.map(child => child.text);
  if (names.length === 0 || node.children.some(child => child.kind !== 'Identifier')) return accessFault('this object');
  const database = names.length === 2 || node.kind.includes('Database') ? (names[0] ?? null) : null;
  return databaseFault(database, context);
}

// ── Callers who are limited to some rows ─────────────────────────────────────────────────────────────────────────────

/** A plan shows the condition of a view, an estimate the tables behind it, EXPLAIN SYNTAX the text of one with parameters. */
const explained = new Set(['EXPLAIN AST']);
const explained_in_full = new Set(
  ['AST', 'SYNTAX', 'QUERY TREE', 'PIPELINE', 'ESTIMATE'].map(kind => `EXPLAIN ${kind}`).concat('EXPLAIN'),
);

function explainFault(node: Node, { allowed }: Context): Refusal | null {
  const kinds = allowed.definitions ? explained_in_full : explained;
  const options = node.children.some(child => child.kind === 'Set');
  if (node.parent === null && kinds.has(node.text) && (allowed.definitions || !options)) return null;
  return accessFault(`${node.text}${options ? ' with options' : ''}`);
}

function limitedFault(nodes: readonly Node[], context: Context): Refusal | null {
  const lists = nodes.some(node => node.kind === 'TableIdentifier' && reachOfName(node.text, context) === 'listing');
  if (!lists) return null;
  const fault = context.statement.natural ? 'NATURAL JOIN' : listingFault(nodes, argumentsOf);
  return fault ? accessFault(`${quote(fault)} beside the list of tables`) : null;
}
