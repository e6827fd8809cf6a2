/** The README's commands, run as they stand there. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../config.ts';
import { type CommandResult, freshDir, type Instance, millrace, startInstance, until } from './instance.ts';
import { mboxOf } from './mails.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** The fenced blocks of a language, in order. Every second fence closes, so they are taken in pairs. */
function blocks(language: string): string[] {
  const fences = read('README.md').split(/^```(.*)\n/m);
  return fences.flatMap((part, i) => (i % 4 === 1 && part === language ? [fences[i + 1] ?? ''] : []));
}
const commands = blocks('sh')
  .flatMap(block => block.trimEnd().split('\n'))
  .filter(line => line.includes('npx millrace'));
const home = freshDir();
let instance: Instance;

beforeAll(async () => {
  instance = await startInstance({ sample: true });
  const mine = `From a@example.com Mon Jan 01 10:00:00 2024\nMessage-ID: <message-id@example.com>\nFrom: a@example.com\n\nHello\n\n`;
  const mbox = mboxOf({ seed: 31, count: 20 }).text + mine;
  for (const name of ['my.mbox', 'archive.mbox']) writeFileSync(join(home, name), mbox);
  const rows = Array.from({ length: 60 }, (_, at) => `${at},${at % 3 === 0 ? 'web' : 'fair'},${Number(at % 3 === 0)}`);
  writeFileSync(join(home, 'leads.csv'), ['Lead Number,Source,Converted', ...rows, ''].join('\n'));
  await until('the sample company', async () => {
    const { stdout } = await instance.run(['reconcile', '--json', '--wait', '0']);
    const { sources } = JSON.parse(stdout) as { sources: { done: boolean; in_flight: number }[] };
    return sources.length === 2 && sources.every(source => source.done && source.in_flight === 0);
  });
});
afterAll(async () => {
  await instance?.stop();
});

/** In a shell, as a reader's terminal would, on the test's instance. */
function shell(command: string): Promise<CommandResult> {
  const script = command.replaceAll('npx millrace', `node ${millrace}`);
  const env = { ...process.env, HOME: home, MILLRACE_DATA_DIR: instance.data_dir };
  return new Promise(done => {
    execFile('bash', ['-c', script], { cwd: home, env, timeout: 90_000 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

describe('the README', () => {
  it('says what the sample company really adds up to', async () => {
    const { stdout } = await shell('npx millrace reconcile');
    const line = stdout.trimEnd().split('\n').at(-1);
    expect(read('README.md')).toContain(`sample company: ${line}`);
  });

  it('imports, as it says', async () => {
    const command = commands.find(line => line.includes(' import ')) as string;
    expect(await shell(command)).toMatchObject({ code: 0, stdout: expect.stringContaining('read 21 = stored 21') });
  });

  it('prints the answer that its query has', async () => {
    const command = commands.find(line => line.includes(' sql ')) as string;
    const { code, stdout } = await shell(command);
    expect(code).toBe(0);
    expect(blocks('').map(block => block.trimEnd())).toContain(stdout.trimEnd());
  });

  it('follows a feed', async () => {
    const command = commands.find(line => line.includes(' tail ')) as string;
    let result: CommandResult | null = null;
    void shell(command).then(done => {
      result = done;
    });
    let sent = 0;
    await until('three mails', async () => {
      const mail = { sender: 'feed@client.example', subject: `Number ${sent++}`, content: 'Hello' };
      await instance.fetch('/api/emails', {
        method: 'POST',
        body: JSON.stringify(mail),
        headers: { prefer: 'respond-async' },
      });
      return result !== null;
    });
    expect(result).toMatchObject({ code: 0 });
    expect((result as unknown as CommandResult).stdout.trim().split('\n')).toHaveLength(3);
  });

  // The sample is what the others are about.
  const rest = commands.filter(line => !/ (import|sql|tail|sample) /.test(line));
  it.each(rest)('%s', async command => {
    const { code, stdout, stderr } = await shell(command);
    expect(stderr).not.toContain('error:');
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
  });

  it('names only commands that the package has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script] of read('README.md').matchAll(/npm run ([\w:]+)/g))
      expect(scripts).toHaveProperty([script as string]);
    expect(scripts).toHaveProperty('start');
    expect(scripts).toHaveProperty('test');
    expect(read('.ci/run')).toContain('npm ci\n');
    expect(read('.ci/run')).toContain('npm test');
  });
});

it('the configuration reference names every variable', () => {
  const text = read('docs/configuration.md');
  for (const name of Object.keys(environment)) expect(text).toContain(`\`${name}\``);
});
