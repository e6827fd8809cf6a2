/** The engine's syntax tree of a statement (`EXPLAIN AST`), read from its lines. */

export interface Node {
  /** `Function`, `TableIdentifier` … */
  readonly kind: string;
  /** What the line says of it: a name, a literal. */
  readonly text: string;
  readonly alias: string | null;
  readonly parent: Node | null;
  readonly children: Node[];
}

const line = /^( *)([A-Z][A-Za-z]*(?:::[A-Z][A-Za-z]*)?)(?: (.*?))??(?: \(alias (.*?)\))?(?: \(children (\d+)\))?$/s;

/**
 * null where the lines are not such a tree: each says how many children it has, so that none can be added to it by a name that
 * looks like lines.
 */
export function treeOf(lines: readonly string[]): Node[] | null {
  const nodes: Node[] = [];
  const wanted: number[] = [];
  const path: Node[] = [];
  for (const each of lines) {
    const found = line.exec(each);
    if (!found) return null;
    const [, indent = '', kind = '', text = '', alias = null, children = '0'] = found;
    const depth = indent.length;
    if (depth > path.length || (depth === 0) !== (nodes.length === 0)) return null;
    const parent = path[depth - 1] ?? null;
    const node: Node = { kind, text, alias, parent, children: [] };
    parent?.children.push(node);
    path.length = depth;
    path.push(node);
    nodes.push(node);
    wanted.push(Number(children));
  }
  return nodes.every((node, i) => node.children.length === wanted[i]) ? nodes : null;
}

/** The arguments of a function's node: its first list. */
export function argumentsOf(node: Node): readonly Node[] {
  return node.children.find(child => child.kind === 'ExpressionList')?.children ?? [];
}
