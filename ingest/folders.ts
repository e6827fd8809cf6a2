/** Folders that are left out of an import: what somebody keeps for himself. */
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
