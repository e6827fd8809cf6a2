/** Folders that are left out of an import: what somebody keeps for himself. */
import { dirname, relative, sep } from 'node:path';
import { z } from 'zod';

export const excluded_folders = z
  .array(z.string().trim().min(1).max(200))
  .max(100)
  .default([])
  .describe('Names of subfolders that are left out, with all that is in them');

/**
 * Whether a folder is left out: by its own name, or that of one that it is in, in any case. `parts` are the names on the way to it
 * from where the import begins.
 */
export function isExcluded(parts: readonly string[], excluded: readonly string[]): boolean {
  const names = new Set(excluded.map(name => name.replace(/^\./, '').toLowerCase()));
  const lower = parts.map(part => part.toLowerCase());
  return lower.some((part, i) => names.has(part) || names.has(lower.slice(0, i + 1).join('.')));
}

/** What lies above the import is nobody's folder: the names from `root` down to `path`, both theirs too, divided by slashes. */
export const namesTo = (root: string, path: string): string => relative(dirname(root), path).split(sep).join('/');
