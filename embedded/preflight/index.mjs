/**
 * What Millrace needs of the machine it is installed and started on, checked all at once. No dependencies, and nothing
 * newer than Node 14 understands.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { remedyFor } from './remedies.mjs';

const GiB = 1024 ** 3;
const java_major_min = 17;
const command_timeout_ms = 20000;

/** A problem is a sentence, what the remedy is about, and the version at hand where that matters. */
const CHECKS = {
  node: checkNode,
  compiler: checkCompiler,
  openssl: () => checkHeader('openssl/ssl.h', 'The OpenSSL headers', 'openssl'),
  zlib: () => checkHeader('zlib.h', 'The zlib headers', 'zlib'),
  java: checkJava,
  maven: () => (findCommand('mvn') ? [] : [problem('Maven (mvn), which fetches Apache Kafka, was not found', 'maven')]),
  disk: checkDisk,
  memory: checkMemory,
  port: checkPort,
};

/** See index.d.mts. */
export async function check(options) {
  const settings = { directory: process.cwd(), disk_bytes_min: 3 * GiB, memory_bytes_min: 2 * GiB, ...options };
  const found = await Promise.all(settings.need.map(name => CHECKS[name](settings)));
  return { problems: [].concat(...found) };
}

/** The problems as a text for the terminal, each with its remedy. */
export function describe(problems) {
  const lines = problems.map(({ what, remedy }) => `  - ${what}\n      ${remedy}`);
  return ['Millrace cannot run here yet:', ...lines].join('\n');
}

function problem(what, subject) {
  return { what, remedy: remedyFor(subject) };
}

/** The supported ones are those every native dependency brings a binary for. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12)) return [];
  return [
    problem(`Node ${process.versions.node} is not supported; Millrace runs on Node 20 (from 20.19) and 22`, 'node'),
  ];
}

function checkCompiler() {
  const problems = [];
  if (!findCompiler())
    problems.push(problem('A C++ compiler was not found; node-rdkafka is compiled here', 'compiler'));
  if (!findCommand('make')) problems.push(problem('make was not found; node-rdkafka is compiled here', 'make'));
  const python = process.env.PYTHON || process.env.npm_config_python;
  if (![python, 'python3', 'python'].some(name => name && findCommand(name))) {
    problems.push(problem('Python 3 was not found; node-gyp needs it to compile node-rdkafka', 'python'));
  }
  return problems;
}

function findCompiler() {
  return [process.env.CXX, 'c++', 'g++', 'clang++'].find(name => name && findCommand(name.split(' ')[0]));
}

/** Asks the compiler, which knows where it looks; without one, the usual places. */
function checkHeader(header, what, subject) {
  const compiler = findCompiler();
  const found = compiler
    ? compiles(compiler, header)
    : headerDirectories().some(each => existsSync(join(each, header)));
  return found ? [] : [problem(`${what} (${header}) were not found; node-rdkafka is compiled with them`, subject)];
}

function compiles(compiler, header) {
  const [command, ...flags] = compiler.split(' ');
  const includes = headerDirectories().map(each => `-I${each}`);
  const input = `#include <${header}>\n`;
  const { status } = run(command, [...flags, '-x', 'c++', '-E', '-o', '/dev/null', ...includes, '-'], input);
  return status === 0;
}

function headerDirectories() {
  const brewed = ['/opt/homebrew', '/usr/local'].map(prefix => `${prefix}/opt/openssl@3/include`);
  return ['/usr/include', '/usr/local/include', ...brewed].filter(each => existsSync(each));
}

/** Runs it: on macOS a stub of that name stands in where no Java is installed. */
function checkJava() {
  const { status, stderr } = run('java', ['-version']);
  if (status !== 0) return [problem(`Java ${java_major_min} or newer was not found; Apache Kafka runs on it`, 'java')];
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) || [];
  // Up to 8 Java called itself 1.8.
  const major = Number(first === '1' ? second : first);
  if (!(major < java_major_min)) return [];
  return [problem(`Java ${major} is too old; Apache Kafka needs Java ${java_major_min} or newer`, 'java')];
}

function checkDisk({ directory, disk_bytes_min }) {
  const free = freeBytes(directory);
  if (free === null || free >= disk_bytes_min) return [];
  return [problem(`${directory} has ${inGiB(free)} free; ${inGiB(disk_bytes_min)} are needed`, 'disk')];
}

/** By df, because Node learnt it only in version 18; null where it does not say. */
function freeBytes(directory) {
  const { status, stdout } = run('df', ['-Pk', nearestExisting(directory)]);
  const columns = status === 0 ? (stdout.trim().split('\n').pop() || '').split(/\s+/) : [];
  const free = Number(columns[3]) * 1024;
  return Number.isFinite(free) ? free : null;
}

function nearestExisting(directory) {
  return existsSync(directory) || dirname(directory) === directory ? directory : nearestExisting(dirname(directory));
}

function checkMemory({ memory_bytes_min }) {
  const total = Math.min(totalmem(), containerLimit());
  // A machine sold with 2 GB shows a little less.
  if (total >= memory_bytes_min * 0.9) return [];
  return [problem(`This machine has ${inGiB(total)} of memory; ${inGiB(memory_bytes_min)} are needed`, 'memory')];
}

function containerLimit() {
  try {
    return Number(readFileSync('/sys/fs/cgroup/memory.max', 'utf8')) || Infinity;
  } catch (_) {
    return Infinity;
  }
}

function checkPort({ port, host }) {
  if (!port) return [];
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', error => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code})`;
      resolve([problem(`Port ${port} ${reason}`, 'port')]);
    });
    server.listen(port, host || '127.0.0.1', () => server.close(() => resolve([])));
  });
}

function findCommand(name) {
  const places = name.includes('/') ? [name] : (process.env.PATH || '').split(delimiter).map(each => join(each, name));
  return places.find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (_) {
    return false;
  }
}

function run(command, args, input) {
  const result = spawnSync(command, args, { input, encoding: 'utf8', timeout: command_timeout_ms });
  return { status: result.status, stdout: result.stdout || '', stderr: result.stderr || '' };
}

function inGiB(bytes) {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}
