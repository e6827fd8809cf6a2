/**
 * A model in one file: a line of JSON that says what it is, padded with spaces to a multiple of 8 bytes, then the bytes of its arrays,
 * each padded likewise, little-endian. A manifest beside the files names each and its SHA-256, so that a file half copied, or of
 * another release, is never used.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from './errors.ts';

export type ModelArray = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface Model {
  readonly name: string;
  /** Of the method, as `linear`; with `revision` and the file's hash it is the version that records name. */
  readonly method: string;
  /** Raised when the method changes. */
  readonly revision: number;
  /** How features are made of the input: what the code that uses the model must agree with. */
  readonly spec: Readonly<Record<string, string | number | readonly string[]>>;
  readonly arrays: Readonly<Record<string, ModelArray>>;
}

export interface LoadedModel extends Model {
  /** `METHOD-REVISION.` and the first 8 hexadecimal digits of the file's SHA-256. */
  readonly version: string;
}

interface Entry {
  readonly file: string;
  readonly sha256: string;
  readonly version: string;
}

interface Header extends Omit<Model, 'arrays'> {
  readonly arrays: readonly { readonly name: string; readonly type: string; readonly length: number }[];
}

const manifest_file = 'manifest.json';
const types = { Int8Array, Uint8Array, Int16Array, Int32Array, Float32Array, Float64Array } as const;
const remedy = 'install this release again, or train the model with `millrace train`';

/** Reads the model of that name from a folder. Throws `MillraceError` `model` where it is missing or not what the manifest says. */
export function loadModel(folder: string, name: string): LoadedModel {
  const entry = readManifest(folder)[name];
  if (entry === undefined) throw new MillraceError('model', `no model "${name}" in ${folder}`, { remedy });
  const bytes = readBytes(join(folder, entry.file));
  if (sha256(bytes) !== entry.sha256) {
    throw new MillraceError('model', `${join(folder, entry.file)} is not the file that ${manifest_file} names`, {
      remedy,
    });
  }
  return { ...unpack(bytes), version: entry.version };
}

/** Writes the model's file and its line of the manifest. The same model gives the same bytes. Returns its version. */
export function saveModel(folder: string, model: Model): string {
  const bytes = pack(model);
  const hash = sha256(bytes);
  const version = `${model.method}-${model.revision}.${hash.slice(0, 8)}`;
  const file = `${model.name}.model`;
  writeFileSync(join(folder, file), bytes);
  writeManifest(folder, { [model.name]: { file, sha256: hash, version } });
  return version;
}

/** The names of a folder's models. Throws where there are none, or one is not what its manifest says. */
export function checkModels(folder: string): string[] {
  const names = Object.keys(readManifest(folder));
  if (names.length === 0) throw new MillraceError('model', `no models in ${folder}`, { remedy });
  for (const name of names) loadModel(folder, name);
  return names;
}

/** Copies every model of a folder into another, whose others stay; returns their names. Throws where one is not what its manifest says. */
export function copyModels(from: string, to: string): string[] {
  const names = checkModels(from);
  const entries = readManifest(from);
  mkdirSync(to, { recursive: true });
  // The manifest last: it names what is there.
  for (const { file } of Object.values(entries)) copyFileSync(join(from, file), join(to, file));
  writeManifest(to, entries);
  return names;
}

function writeManifest(folder: string, entries: Readonly<Record<string, Entry>>): void {
  const all = Object.entries({ ...readManifest(folder), ...entries }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(folder, manifest_file), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}

/** Whether the folder has a model of that name. */
export const hasModel = (folder: string, name: string): boolean => Object.hasOwn(readManifest(folder), name);

function readManifest(folder: string): Record<string, Entry> {
  try {
    return JSON.parse(readFileSync(join(folder, manifest_file), 'utf8')) as Record<string, Entry>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new MillraceError('model', `${join(folder, manifest_file)} cannot be read`, { remedy, cause });
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new MillraceError('model', `${path} cannot be read`, { remedy, cause });
  }
}

/** The bytes of a model's file. */
export function pack({ name, method, revision, spec, arrays }: Model): Buffer {
  refuseBigEndian();
  const entries = Object.entries(arrays);
  const header = {
    name,
    method,
    revision,
    spec,
    arrays: entries.map(([array, values]) => ({ name: array, type: values.constructor.name, length: values.length })),
  };
  const line = Buffer.from(JSON.stringify(header));
  const parts: Buffer[] = [line, Buffer.alloc(padding(line.length + 1), ' '), Buffer.from('\n')];
  for (const [, { buffer, byteOffset, byteLength }] of entries) {
    parts.push(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength), Buffer.alloc(padding(byteLength)));
  }
  return Buffer.concat(parts);
}

/** The arrays share one copy of the bytes. */
export function unpack(bytes: Uint8Array): Model {
  refuseBigEndian();
  const line = bytes.indexOf(0x0a);
  const { arrays, ...rest } = JSON.parse(Buffer.from(bytes.subarray(0, line)).toString('utf8')) as Header;
  const { buffer } = new Uint8Array(bytes);
  let at = line + 1;
  const read: Record<string, ModelArray> = {};
  for (const { name, type, length } of arrays) {
    const Type = types[type as keyof typeof types];
    const array = new Type(buffer, at, length);
    read[name] = array;
    at += array.byteLength + padding(array.byteLength);
  }
  return { ...rest, arrays: read };
}

function refuseBigEndian(): void {
  if (endianness() !== 'LE') throw new MillraceError('model', 'models need a little-endian machine');
}

function padding(length: number): number {
  return (8 - (length % 8)) % 8;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
