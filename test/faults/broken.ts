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

/** The root of the broken build; null is the build as it is. */
export function buildOf(broken: string | null): string {
  if (broken === null) return packageRoot();
  const root = mkdtempSync(join(tmpdir(), 'millrace-broken-'));
  const patch = join(brokenDir, `${broken}.patch`);
  const [, file = ''] = /^\+\+\+ b\/(\S+)/m.exec(readFileSync(patch, 'utf8')) ?? [];
  mkdirSync(dirname(join(root, file)), { recursive: true });
  cpSync(join(packageRoot(), file), join(root, file));
  execFileSync('patch', ['-p1', '--batch', '--fuzz=3', '-d', root, '-i', patch], { stdio: 'pipe' });
  cpSync(join(packageRoot(), 'dist'), join(root, 'dist'), { recursive: true });
  const { outputText } = ts.transpileModule(readFileSync(join(root, file), 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  writeFileSync(join(root, 'dist', file.replace(/\.ts$/, '.js')), outputText);
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  symlinkSync(join(packageRoot(), 'node_modules'), join(root, 'node_modules'));
  return root;
}
