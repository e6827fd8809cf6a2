import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { completionFor } from './completion.ts';
import { createProgram } from './program.ts';

const script = completionFor('bash', createProgram());

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const run = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', run, 'bash', 'millrace', ...words], { encoding: 'utf8' });
  return output.split('\n').filter(Boolean);
}

it('completes commands, subcommands, options and their values in bash', () => {
  expect(offered('')).toEqual(expect.arrayContaining(['up', 'import', 'dlq', 'sample', 'status']));
  expect(offered('rec')).toEqual(['reconcile']);
  expect(offered('dlq', '')).toEqual(expect.arrayContaining(['list', 'show', 'fix', 'replay']));
  expect(offered('dlq', 'list', '--ca')).toEqual(['--cause']);
  expect(offered('token', '--role', '')).toEqual(['admin', 'manager', 'user', 'viewer']);
  expect(offered('tail', 'dead')).toEqual(['dead_letters']);
  expect(offered('completion', 'z')).toEqual(['zsh']);
});

it('is not led astray by the values of options', () => {
  expect(offered('tail', '--data-dir', 'sql', 'em')).toEqual(['emails']);
  expect(offered('import', '--mailbox', 'up', '--te')).toEqual(['--team']);
  expect(offered('sql', '--file', '')).toEqual([]);
});

it.each(['bash', 'zsh', 'fish'] as const)('%s can read it', shell => {
  const { error, status, stderr } = spawnSync(shell, ['-n'], {
    input: completionFor(shell, createProgram()),
    encoding: 'utf8',
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return;
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
