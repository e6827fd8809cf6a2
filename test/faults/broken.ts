/**
 * Builds with one deliberate fault: what a fault test is worth shows when it finds that fault. Each is a patch of a source
 * file in test/faults/broken; the build is the compiled tree with that one file compiled anew.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../embedded/root.ts';

export const brokenDir = join(packageRoot(), 'test', 'faults', 'broken');
export const brokenNames = (): string[] => readdirSync(brokenDir).map(name => name.replace(/\.patch$/, ''));

/** A started script's own folder is where it really lies, so these must lie in the build. */
const copied = ['bin', 'dist'];

/** The root of the broken build; null is the build as it is. */
export function buildOf(broken: string | null): string {
  if (broken === null) return packageRoot();
  const root = mkdtempSync(join(tmpdir(), 'millrace-broken-'));
  const patch = join(brokenDir, `${broken}.patch`);
  const [, file = ''] = /^\+\+\+ b\/(\S+)/m.exec(readFileSync(patch, 'utf8')) ?? [];
  for (const name of readdirSync(packageRoot())) {
    if (copied.includes(name)) cpSync(join(packageRoot(), name), join(root, name), { recursive: true });
    else symlinkSync(join(packageRoot(), name), join(root, name));
  }
  const patched = join(root, 'patched');
  mkdirSync(dirname(join(patched, file)), { recursive: true });
  cpSync(join(packageRoot(), file), join(patched, file));
  execFileSync('patch', ['-p1', '--batch', '--fuzz=3', '-d', patched, '-i', patch], { stdio: 'pipe' });
  const { outputText } = ts.transpileModule(readFileSync(join(patched, file), 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  writeFileSync(join(root, 'dist', file.replace(/\.ts$/, '.js')), outputText);
  return root;
}
