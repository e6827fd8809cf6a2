/**
 * The API against its own contract, `/openapi.json`: a foreign program that knows nothing else calls everything that it finds
 * there, and each role is let in where the contract says so.
 *
 * MILLRACE_API_EXAMPLES sets how many requests are made up for each operation, beside those that its schema calls for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { execute, prepare } from './foreign-program.ts';
import { type Instance, startInstance } from './instance.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-access': string;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const work_dir = mkdtempSync(join(tmpdir(), 'millrace-contract-'));
const examples = process.env.MILLRACE_API_EXAMPLES ?? '5';
const ms_max = 3_600_000;

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance({ sample: true });
});
afterAll(async () => {
  await instance?.stop();
  rmSync(work_dir, { recursive: true, force: true });
});

/** What each role may do, as README.md says it. */
const permitted: Readonly<Record<string, readonly string[]>> = {
  admin: ['admin', 'read', 'write', 'write_own', 'delete', 'manage_users'],
  manager: ['read', 'write', 'write_own', 'manage_team'],
  user: ['read', 'write_own'],
  viewer: ['read'],
};

it('lets each role in where the contract says so, and nobody without a token', async () => {
  const { paths } = (await (await instance.fetch('/openapi.json')).json()) as Document;
  const wrong: string[] = [];
  let asked = 0;
  for (const role of [null, ...Object.keys(permitted)]) {
    const token = role === null ? null : await instance.token(role);
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { 'x-access': access }] of Object.entries(operations)) {
        const response = await fetch(new URL(path.replace(/\{\w+\}/g, 'none'), instance.url), {
          method: method.toUpperCase(),
          headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
          ...(method === 'post' ? { body: '[]' } : {}),
        });
        const { detail = '' } = (await response.json().catch(() => ({}))) as { detail?: string };
        const verdict = response.status === 401 ? '401' : /^the role/.test(detail) ? '403' : 'let in';
        const may = access === 'open' || (role !== null && permitted[role]?.includes(access));
        const expected = may ? 'let in' : role === null ? '401' : '403';
        asked++;
        if (verdict !== expected) wrong.push(`${role} ${method} ${path}: ${verdict}, not ${expected}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(100);
});

const python = join(work_dir, 'venv', 'bin', 'python');
const requirements = join(import.meta.dirname, 'schemathesis', 'requirements.txt');
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** Whoever calls these thousands of times reads files of this machine, or every record of every topic. */
const left_out = ['/api/imports', '/api/reconciliation/topics', '/api/organizations/{id}'];

it(
  'answers nothing but what the contract says, whatever it is asked',
  async () => {
    const program = await prepare(
      ['python3'],
      [
        ['python3', ['-m', 'venv', '--without-pip', join(work_dir, 'venv')]],
        ['python3', ['-m', 'pip', '--python', python, 'install', '--quiet', '--requirement', requirements]],
      ],
      { command: join(work_dir, 'venv', 'bin', 'st'), args: ['run', `${instance.url}/openapi.json`] },
    );
    if (typeof program === 'string') {
      process.stderr.write(`skipped, schemathesis: ${program}\n`);
      return;
    }
    const options = [
      ...['--header', `Authorization: Bearer ${await instance.token()}`, '--checks', checks.join(',')],
      ...['--phases', 'coverage,fuzzing', '--max-examples', examples, '--workers', '1', '--seed', '1'],
      ...['--request-timeout', '30', ...left_out.flatMap(path => ['--exclude-path', path])],
    ];
    const { stdout, error } = await execute(program.command, [...program.args, ...options], { cwd: work_dir, ms_max });
    expect(error).toBeNull();
    const [, generated] = /(\d+) generated/.exec(stdout) ?? [];
    console.info(`schemathesis: ${generated} calls`);
    expect(Number(generated)).toBeGreaterThan(300);
  },
  ms_max,
);
