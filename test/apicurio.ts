/** A registry of another maker that speaks Confluent's API: Apicurio Registry, from Maven Central, in memory. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, hasEnded, lastLines, openLog, stopChild } from '../embedded/child.ts';
import { freshDir, until } from './instance.ts';

const version = '3.0.9';
const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
const stop_ms_max = 10_000;
const fetch_ms_max = 240_000;
const jvm = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export interface Apicurio {
  /** Of its Confluent API. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What is missing to run it, or null. */
export function missingForApicurio(): string | null {
  const absent = ['mvn', 'java'].filter(program => {
    try {
      execFileSync(program, ['-version'], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  return absent.length === 0 ? null : `${absent.join(' and ')} not found`;
}

export async function startApicurio(): Promise<Apicurio> {
  const dir = await fetched();
  const [port] = await freePorts(1);
  const log_path = join(freshDir(), 'apicurio.log');
  const log = openLog(log_path);
  const where = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`];
  const jar = join(dir, `apicurio-registry-app-${version}-runner.jar`);
  const child = spawn('java', [...jvm, ...where, '-jar', jar], { cwd: dir, stdio: ['ignore', log, log] });
  closeSync(log);
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await until('Apicurio to answer', async () => {
    if (hasEnded(child)) throw new Error(lastLines(log_path));
    return (await fetch(`${url}/subjects`)).ok;
  });
  return { url, stop: () => stopChild(child, stop_ms_max) };
}

/** Its directory, which is complete or absent: it gets its name once everything is in it. */
async function fetched(): Promise<string> {
  const cache = join(tmpdir(), 'millrace-apicurio');
  const dir = join(cache, version);
  if (existsSync(dir)) return dir;
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, 'partial-'));
  const run = promisify(execFile);
  try {
    const copy = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`];
    await run('mvn', copy, { timeout: fetch_ms_max });
    const archive = join(partial, `apicurio-registry-app-${version}-all.tar.gz`);
    await run('tar', ['xzf', archive, '-C', partial]);
    rmSync(archive);
    renameSync(partial, dir);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another test run may have been quicker.
    if (!existsSync(dir)) throw error;
  }
  return dir;
}
