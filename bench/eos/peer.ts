/** The peers: Java programs of bench/peers, built by Maven when they are first needed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../embedded/root.ts';

const peerDir = (name: string): string => join(packageRoot(), 'bench', 'peers', name);

export function buildPeer(name: string): void {
  const dir = peerDir(name);
  if (existsSync(join(dir, 'target', 'dependency'))) return;
  const args = ['-q', '-f', join(dir, 'pom.xml'), 'package', 'dependency:copy-dependencies'];
  execFileSync('mvn', args, { stdio: ['ignore', 2, 2] });
}

export const peerClassPath = (name: string): string =>
  [join(peerDir(name), 'target', 'classes'), join(peerDir(name), 'target', 'dependency', '*')].join(':');
