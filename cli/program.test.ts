import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from './program.ts';

/** Every command that does something, by what is typed to reach it. */
function leavesOf(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.flatMap(each => leavesOf(each, [...path, each.name()]));
}

/** As a terminal would show it, with what is added after it. */
function helpOf(command: Command): string {
  const written: string[] = [];
  command.configureOutput({ writeOut: text => void written.push(text) });
  command.outputHelp();
  return written.join('');
}

function examplesOf(help: string): string[] {
  const [, section = ''] = /\nExamples:\n((?: {2}.*\n)+)/.exec(help) ?? [];
  return section.split('\n').flatMap(line => (line.trim() === '' ? [] : [line.trim()]));
}

/** The words after `millrace`, as a shell would part them, up to where a shell would go on by itself. */
function argumentsOf(line: string): string[] {
  const words: string[] = line.match(/"[^"]*"|'[^']*'|[|<>]|[^\s|<>]+/g) ?? [];
  const from = words.indexOf('millrace') + 1;
  const to = words.findIndex((word, at) => at >= from && /^[|<>]$/.test(word));
  return words.slice(from, to < 0 ? undefined : to).map(word => word.replace(/^(["'])(.*)\1$/s, '$2'));
}

const leaves = leavesOf(createProgram());

it.each(leaves)('$path says in its help what to type and what its exit code means', async ({ path, command }) => {
  const help = helpOf(command);
  const examples = examplesOf(help);
  expect(examples).not.toEqual([]);
  expect(help).toMatch(/Exit codes: 0 done, 1 .+, 2 /);
  for (const example of examples) {
    const words = argumentsOf(example.replace(/^eval "\$\((.*)\)"$/, '$1'));
    expect(words.join(' ')).toMatch(new RegExp(`^${path}`));
    expect(await acted(words)).toBe(path);
  }
});

/** Which command the words lead to; throws where they do not fit it. */
async function acted(words: readonly string[]): Promise<string | null> {
  const program = createProgram();
  let found: string | null = null;
  for (const { path, command } of leavesOf(program)) {
    command.action(() => {
      found = path;
    });
  }
  await program.parseAsync([...words], { from: 'user' });
  return found;
}

it('refuses what does not fit, and knows what was meant', async () => {
  const errors: string[] = [];
  const fault = async (...words: string[]): Promise<string> => {
    const program = createProgram();
    for (const { command } of leavesOf(program)) command.configureOutput({ writeErr: text => void errors.push(text) });
    program.configureOutput({ writeErr: text => void errors.push(text) });
    const code = await program.parseAsync(words, { from: 'user' }).then(
      () => 'accepted',
      error => (error as { code: string }).code,
    );
    return code;
  };
  expect(await fault('tial', 'emails')).toBe('commander.unknownCommand');
  expect(errors.join('')).toContain('Did you mean tail?');
  expect(await fault('sql', 'SELECT 1', '--formta', 'CSV')).toBe('commander.unknownOption');
  expect(errors.join('')).toContain('Did you mean --format?');
  expect(await fault('tail', 'mails')).toBe('commander.invalidArgument');
  expect(await fault('tail', 'emails', '--count', '0')).toBe('commander.invalidArgument');
  expect(await fault('tail', 'emails', '--filter', 'category')).toBe('commander.invalidArgument');
  expect(await fault('reconcile', '--wait', 'soon')).toBe('commander.invalidArgument');
  expect(await fault('token', '--role', 'king')).toBe('commander.invalidArgument');
  expect(await fault('up', '--port', '70000')).toBe('commander.invalidArgument');
  expect(await fault('eval')).toBe('commander.missingMandatoryOptionValue');
  expect(await fault('completion', 'tcsh')).toBe('commander.invalidArgument');
});
