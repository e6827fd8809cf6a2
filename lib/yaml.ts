/** YAML that people write: what is wrong in it is told with its place, and a misspelt key with the one that was meant. */
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { MillraceError } from './errors.ts';
import { nearest } from './nearest.ts';

export interface YamlFile {
  /** Undefined where the file is empty. */
  readonly values: unknown;
  /** `file:line:col ` of what is at the path; a missing key has the place of what it is missing in. */
  placeOf(path: readonly PropertyKey[]): string;
}

export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Throws MillraceError `config` with every fault of syntax. */
export function readYaml(text: string, file: string): YamlFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: true });
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => {
      const { line, col } = counter.linePos(pos[0]);
      return `${file}:${line}:${col} ${message.split('\n')[0]}`;
    });
    throw new MillraceError('config', faults.join('\n'));
  }
  return {
    values: document.toJS() ?? undefined,
    placeOf(path) {
      for (let depth = path.length; depth > 0; depth--) {
        const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
        if (node?.range) {
          const { line, col } = counter.linePos(node.range[0]);
          return `${file}:${line}:${col} `;
        }
      }
      return `${file}:1:1 `;
    },
  };
}

/** What a schema found, each with its own path. */
export function faultsOf(schema: z.ZodType, error: z.ZodError): Fault[] {
  return error.issues.flatMap(issue => {
    if (issue.code !== 'unrecognized_keys') {
      const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
      return [{ path: issue.path, message: missing ? 'missing' : issue.message }];
    }
    return issue.keys.map(key => {
      const guess = nearest(key, keysAt(schema, issue.path));
      return { path: [...issue.path, key], message: `unknown key${guess ? `; did you mean "${guess}"?` : ''}` };
    });
  });
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const key of path) at = unwrap((unwrap(at) as z.ZodObject).shape?.[key as string]);
  return Object.keys((unwrap(at) as z.ZodObject | undefined)?.shape ?? {});
}

function unwrap(type: unknown): unknown {
  let inner = type as { def?: { innerType?: unknown } } | undefined;
  while (inner?.def?.innerType) inner = inner.def.innerType as typeof inner;
  return inner;
}
