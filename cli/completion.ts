/** Shell completion, generated from the commands themselves: names, options, and the values an option may have. */
import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Choice {
  readonly name: string;
  readonly text: string;
}

interface Flag extends Choice {
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

/** One command of the tree; `path` is what is typed to reach it, `''` for the program itself. */
interface Node {
  readonly path: string;
  readonly commands: readonly Choice[];
  readonly flags: readonly Flag[];
  /** What its first argument may be, where that is a choice. */
  readonly values: readonly string[];
}

export function completionFor(shell: Shell, program: Command): string {
  return { bash, zsh, fish }[shell](nodesOf(program), program.name());
}

function nodesOf(command: Command, path = ''): Node[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  const node: Node = {
    path,
    commands: visible.map(one => ({ name: one.name(), text: one.description() })),
    flags: help.visibleOptions(command).map(flagOf),
    values: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [node, ...command.commands.flatMap(one => nodesOf(one, path === '' ? one.name() : `${path} ${one.name()}`))];
}

const flagOf = (option: Option): Flag => ({
  name: option.long ?? option.short ?? '',
  text: option.description,
  takesValue: option.required || option.optional,
  values: option.argChoices ?? [],
});

const namesOf = (choices: readonly Choice[]): string => choices.map(({ name }) => name).join(' ');

/** For single quotes in all three shells' sources. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The walk over the typed words, in bash and in zsh: subcommands make up `at`, options and their values do not. */
const walk = (nodes: readonly Node[]): string => {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const taking = [
    ...new Set(nodes.flatMap(({ flags }) => flags.filter(flag => flag.takesValue).map(flag => flag.name))),
  ];
  return `    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in ${taking.join('|')}) skip=1; continue;; -*) continue;; esac
    case "\${at:+$at }$word" in ${paths.join('|')}) at="\${at:+$at }$word";; *) break;; esac`;
};

function bash(nodes: readonly Node[], name: string): string {
  const flagValues = nodes.flatMap(({ path, flags }) =>
    flags
      .filter(flag => flag.values.length > 0)
      .map(flag => `    ${quoted(`${path} ${flag.name}`)}) words=${quoted(flag.values.join(' '))}; found=1;;`),
  );
  const files = [
    ...new Set(nodes.flatMap(({ flags }) => flags.filter(flag => flag.takesValue).map(flag => flag.name))),
  ];
  const cases = nodes.map(
    ({ path, commands, flags, values }) =>
      `    ${quoted(path)}) words=${quoted([namesOf(commands), ...values].join(' ').trim())}; flags=${quoted(namesOf(flags))};;`,
  );
  return `# ${name} completion for bash: eval "$(${name} completion bash)"
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at= skip= word= words= flags= found=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walk(nodes)}
  done
  COMPREPLY=()
  case "$at $prev" in
${flagValues.join('\n')}
  esac
  if [[ -z $found ]]; then
    # Another option's value: a file, as far as anybody knows.
    case $prev in ${files.join('|')}) return;; esac
    case $at in
${cases.join('\n')}
    esac
    [[ $cur == -* ]] && words=$flags
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${name} ${name}
`;
}

function zsh(nodes: readonly Node[], name: string): string {
  const described = ({ name, text }: Choice): string => quoted(`${name}:${text.replaceAll(':', '\\:')}`);
  const argument = ({ name, text, takesValue, values }: Flag): string => {
    const value = takesValue ? `:value:${values.length > 0 ? `(${values.join(' ')})` : '_files'}` : '';
    return quoted(`${name}[${text.replaceAll(/[[\]:]/g, '\\$&')}]${value}`);
  };
  const cases = nodes.map(({ path, commands, flags, values }) => {
    const rest = values.length > 0 ? `*:value:(${values.join(' ')})` : '*:file:_files';
    const first =
      commands.length > 0 ? `local -a names=(${commands.map(described).join(' ')}); _describe command names; ` : '';
    const last = commands.length > 0 ? '' : ` ${quoted(rest)}`;
    return `    ${quoted(path)}) ${first}_arguments ${flags.map(argument).join(' ')}${last};;`;
  });
  return `#compdef ${name}
# ${name} completion for zsh: eval "$(${name} completion zsh)"
_${name}() {
  local at= skip= word=
  for word in "\${(@)words[2,CURRENT-1]}"; do
${walk(nodes)}
  done
  case $at in
${cases.join('\n')}
  esac
}
compdef _${name} ${name}
`;
}

function fish(nodes: readonly Node[], name: string): string {
  const lines = nodes.flatMap(({ path, commands, flags, values }) => {
    const words = path.split(' ').filter(Boolean);
    const here = words.map(word => `__fish_seen_subcommand_from ${word}`);
    const below = commands.length > 0 ? [`not __fish_seen_subcommand_from ${namesOf(commands)}`] : [];
    const when = quoted([...here, ...below].join('; and ') || 'true');
    const start = `complete -c ${name} -n ${when}`;
    return [
      ...commands.map(command => `${start} -f -a ${command.name} -d ${quoted(command.text)}`),
      ...(values.length > 0 ? [`${start} -f -a ${quoted(values.join(' '))}`] : []),
      ...flags.map(flag => {
        const value = flag.values.length > 0 ? ` -x -a ${quoted(flag.values.join(' '))}` : flag.takesValue ? ' -r' : '';
        return `${start} -l ${flag.name.replace(/^--/, '')} -d ${quoted(flag.text)}${value}`;
      }),
    ];
  });
  return `# ${name} completion for fish: ${name} completion fish | source\n${lines.join('\n')}\n`;
}
