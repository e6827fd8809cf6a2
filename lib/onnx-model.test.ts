import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { install_command, loadOnnxModel } from './onnx-model.ts';
import { skipped_without, test_runtime, writeTinyModel } from './tiny-onnx.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'millrace-onnx-')), 'tiny');
writeTinyModel(folder);
afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

const isInstalled = test_runtime !== undefined;
const options = { folder, device: 'cpu', dtype: 'fp32', runtime: test_runtime } as const;

describe('a model in a folder', () => {
  it.skipIf(!isInstalled)(`classifies a batch, each text as if it were alone (${skipped_without})`, async () => {
    const { labels, classify } = await loadOnnxModel(options);
    expect(labels).toEqual(['NEG', 'NEU', 'POS']);
    const texts = ['A splendid answer', 'dreadful, dreadful, dreadful', 'the invoice is attached'];
    const together = await classify(texts);
    expect(together.map(scores => Object.entries(scores).sort((a, b) => b[1] - a[1])[0]?.[0])).toEqual([
      'POS',
      'NEG',
      'NEU',
    ]);
    // softmax(0, 1, 4)
    expect(together[0]?.POS).toBeCloseTo(0.9362, 3);
    for (const [i, text] of texts.entries()) expect((await classify([text]))[0]).toEqual(together[i]);
  });

  it.skipIf(!isInstalled)('cuts a text to what the model reads', async () => {
    const { classify } = await loadOnnxModel(options);
    const [scores] = await classify([`${'word '.repeat(100_000)} splendid`]);
    expect(scores?.NEU).toBeGreaterThan(0.5);
  });

  it('says what to install', async () => {
    await expect(loadOnnxModel({ ...options, runtime: folder })).rejects.toMatchObject({
      code: 'model_runtime',
      message: expect.not.stringContaining('\n'),
      remedy: expect.stringContaining(install_command),
    });
  });

  it('says which file is missing, and which does not hold what it should', async () => {
    const nothing = { ...options, folder: join(folder, 'nowhere') };
    await expect(loadOnnxModel(nothing)).rejects.toMatchObject({ code: 'model_folder' });
    await expect(loadOnnxModel({ ...options, dtype: 'q8' })).rejects.toThrow('model_quantized.onnx is missing');
  });

  it.skipIf(!isInstalled)('says that a file is no model', async () => {
    const broken = join(folder, '..', 'broken');
    writeTinyModel(broken);
    writeFileSync(join(broken, 'onnx', 'model.onnx'), 'no model');
    await expect(loadOnnxModel({ ...options, folder: broken })).rejects.toMatchObject({ code: 'model_folder' });
  });
});
