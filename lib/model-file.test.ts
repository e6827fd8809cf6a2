import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadModel, type Model, saveModel } from './model-file.ts';

const model: Model = {
  name: 'tone',
  method: 'linear',
  revision: 3,
  spec: { bits: 4, classes: ['no', 'yes é'] },
  arrays: { rows: Int8Array.of(-128, 0, 127), scale: Float32Array.of(0.5), long: Float64Array.of(Math.PI, -1) },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a model file', () => {
  it('gives back what was saved, with a version that names its bytes', () => {
    const version = saveModel(folder, model);
    expect(version).toMatch(/^linear-3\.[0-9a-f]{8}$/);
    expect(loadModel(folder, 'tone')).toEqual({ ...model, version });
    expect(saveModel(folder, model)).toBe(version);
    expect(saveModel(folder, { ...model, spec: {} })).not.toBe(version);
  });

  it('keeps the other models of the manifest', () => {
    saveModel(folder, model);
    saveModel(folder, { ...model, name: 'other' });
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))).toEqual(['other', 'tone']);
  });

  it('refuses what is not the file that was saved, and says what to do', () => {
    saveModel(folder, model);
    const path = join(folder, 'tone.model');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(() => loadModel(folder, 'tone')).toThrow(
      expect.objectContaining({ code: 'model', remedy: expect.stringMatching('train') }),
    );
    rmSync(path);
    expect(() => loadModel(folder, 'tone')).toThrow(/cannot be read/);
    expect(() => loadModel(folder, 'none')).toThrow(/no model "none"/);
  });
});
