import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { MillraceError, messageOf } from '../../lib/errors.ts';
import type { Client } from '../client.ts';
import { type InstanceOptions, withInstance } from '../instance.ts';
import { type Choice, checkChoice, chosenLetters, type LetterRow, type Mended } from '../letters.ts';
import { edited, type Mend, replacedBy, substitution } from '../mend.ts';
import { mendedLetters, type Preview, previews, printPreview, replayLetters, report } from '../replay.ts';
import { count, printJson, say } from '../terminal.ts';
import { instanceCommand, withHelp } from './common.ts';

interface MendOptions extends InstanceOptions, Choice {
  readonly file?: string;
  readonly edit?: boolean;
  readonly replace?: string;
  readonly out?: string;
  readonly replay?: boolean;
  readonly json: boolean;
}

/** What `fix` and `replay` share: which dead letters, and how they are mended. */
function mendCommand(group: Command, name: string, description: string): Command {
  return instanceCommand(group, `${name} [ids...]`, description)
    .option('--cause <cause>', 'all of this cause')
    .option('--source <source>', 'all of this source')
    .option('--organization <id>', 'all of this organisation, or the one whose dead letters are named')
    .option('--file <file>', 'the mended bytes of one, - for standard input; of an Avro record, JSON')
    .option(
      '--replace <s/pattern/replacement/flags>',
      'mend each by a substitution: a JavaScript pattern, $1 for a group',
    );
}

export function fix(group: Command): void {
  const command = mendCommand(group, 'fix', 'show what mending would change, and whether it would be accepted')
    .option('--edit', 'mend one in $EDITOR')
    .option('--out <file>', 'keep the mended bytes of one in a file, for `dlq replay --file`')
    .option('--replay', 'replay them at once')
    .action(async (ids: string[], options: MendOptions) => {
      const mend = mendOf(options) ?? (bytes => bytes);
      checkChoice(ids, options);
      await withInstance(options, async client => fixed(client, await lettersOf(client, ids, options), mend, options));
    });
  withHelp(command, {
    examples: [
      'millrace dlq fix 6f1c0b2a --edit --out mended.eml',
      'millrace dlq fix --cause schema --replace \'s/"id": (\\d+)/"id": "$1"/\'',
      'millrace dlq fix 6f1c0b2a --file mended.json --replay',
    ],
    failure: 'it failed or one would still be refused',
  });
}

export function replay(group: Command): void {
  const command = mendCommand(
    group,
    'replay',
    'replay them, as they came or mended, each once, and count how they end',
  ).action(async (ids: string[], options: MendOptions) => {
    const mend = mendOf(options);
    checkChoice(ids, options);
    const done = await withInstance(options, async client => {
      const letters = await lettersOf(client, ids, options);
      return replayLetters(client, mend ? mendedLetters(client, letters, mend) : letters.map(letter => ({ letter })));
    });
    report(done, options.json);
  });
  withHelp(command, {
    examples: [
      'millrace dlq replay 6f1c0b2a --file mended.eml',
      'millrace dlq replay --cause schema --replace \'s/"id": (\\d+)/"id": "$1"/\'',
      'millrace dlq replay --source mbox:inbox.mbox:0f5e9c1d2a',
    ],
    failure: 'it failed, one was refused, or one is not stored or a duplicate',
  });
}

async function fixed(client: Client, letters: readonly LetterRow[], mend: Mend, options: MendOptions): Promise<void> {
  const mending = (): AsyncGenerator<Mended> => mendedLetters(client, letters, mend);
  // Nobody edits it twice; many are mended again rather than held.
  const kept = options.edit || options.out ? await all(mending()) : null;
  const shown = await told(previews(client, kept ?? mending()), options);
  if (options.out) for (const { after } of kept ?? []) keep(options.out, after);
  if (options.replay) report(await replayLetters(client, kept ?? mending()), options.json);
  else if (shown.some(({ status }) => status === 'refused')) process.exitCode = 1;
}

async function told(all: AsyncIterable<Preview>, { json, replay: isReplayed }: MendOptions): Promise<Preview[]> {
  const shown: Preview[] = [];
  for await (const preview of all) {
    if (!json) printPreview(preview);
    shown.push({ ...preview, ...(json ? {} : { diff: [] }) });
  }
  if (json && !isReplayed) printJson(shown);
  const refused = shown.filter(({ status }) => status === 'refused').length;
  if (!json && shown.length > 1) say(`${count(shown.length)} dead letters, ${count(refused)} would still be refused`);
  return shown;
}

/** A file, an editor: for one; a substitution is for many. */
async function lettersOf(client: Client, ids: readonly string[], options: MendOptions): Promise<LetterRow[]> {
  const letters = await chosenLetters(client, ids, options);
  const { file, edit, out } = options;
  if (letters.length !== 1 && (file ?? edit ?? out) !== undefined) {
    throw new MillraceError('usage', `--file, --edit and --out are for one dead letter, not for ${letters.length}`);
  }
  return letters;
}

/** Throws MillraceError `usage`. */
function mendOf({ file, edit, replace }: MendOptions): Mend | null {
  const ways = [
    ...(file === undefined ? [] : [replacedBy(file)]),
    ...(replace === undefined ? [] : [substitution(replace)]),
    ...(edit ? [edited] : []),
  ];
  if (ways.length > 1) throw new MillraceError('usage', '--file, --edit and --replace: one of them only');
  return ways[0] ?? null;
}

function keep(file: string, bytes: Buffer): void {
  try {
    writeFileSync(file, bytes, { mode: 0o600 });
  } catch (error) {
    throw new MillraceError('usage', `${file}: ${messageOf(error)}`);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
