/**
 * A text classifier small enough to be read, for tests: its ONNX file is written here byte by byte (onnx.proto3 of ONNX 1.6, IR version
 * 6, operator set 11), so that no test needs a model from anywhere. Each word it knows counts for or against; the rest counts nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install_command } from './onnx-model.ts';

/** Where the package that runs it is installed, as the test's environment says; without it what needs it is skipped. */
export const test_runtime: string | undefined = process.env.MILLRACE_TEST_MODEL_RUNTIME;
export const skipped_without = `skipped without MILLRACE_TEST_MODEL_RUNTIME=FOLDER: ${install_command}`;

/** In the order of the model's output; the names are as unlike ours as those of models mostly are. */
export const tiny_labels = ['NEG', 'NEU', 'POS'] as const;

/** Each word with its logits of the labels. */
const words: Readonly<Record<string, readonly [number, number, number]>> = {
  '[PAD]': [0, 0, 0],
  '[UNK]': [0, 0, 0],
  '[CLS]': [0, 1, 0],
  '[SEP]': [0, 0, 0],
  splendid: [0, 0, 4],
  dreadful: [4, 0, 0],
};

/** Writes the model and its tokenizer into the folder, which is made where it is not there. */
export function writeTinyModel(folder: string): void {
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), modelBytes());
  const id2label = Object.fromEntries(tiny_labels.map((label, i) => [i, label]));
  const label2id = Object.fromEntries(tiny_labels.map((label, i) => [label, i]));
  write(folder, 'config.json', {
    ...{ model_type: 'distilbert', architectures: ['DistilBertForSequenceClassification'], id2label, label2id },
  });
  write(folder, 'tokenizer_config.json', {
    ...{ tokenizer_class: 'DistilBertTokenizer', model_max_length: 32, do_lower_case: true },
    ...{ pad_token: '[PAD]', unk_token: '[UNK]', cls_token: '[CLS]', sep_token: '[SEP]' },
  });
  write(folder, 'tokenizer.json', tokenizer());
}

const write = (folder: string, name: string, value: unknown): void =>
  writeFileSync(join(folder, name), JSON.stringify(value));

function tokenizer(): unknown {
  const vocab = Object.fromEntries(Object.keys(words).map((word, id) => [word, id]));
  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const added = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map(content => ({
    ...{ id: vocab[content], content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: { type: 'BertNormalizer', clean_text: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
      pair: [],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map(id => [id, { id, ids: [vocab[id]], tokens: [id] }])),
    },
    decoder: null,
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
      vocab,
    },
  };
}

// ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const float_type = 1;
const int64_type = 7;
const ints_attribute = 7;
const int_attribute = 2;

/** logits = ReduceSum(Gather(words, input_ids)), the same as a bag of words times a matrix. */
function modelBytes(): Buffer {
  const rows = Object.values(words);
  const table = Buffer.from(new Float32Array(rows.flat()).buffer);
  const tensor = [
    ...[number(1, rows.length), number(1, tiny_labels.length)],
    ...[number(2, float_type), text(8, 'words'), field(9, table)],
  ];
  const gather = [text(1, 'words'), text(1, 'input_ids'), text(2, 'rows'), text(4, 'Gather')];
  const axes = [text(1, 'axes'), number(8, 1), number(20, ints_attribute)];
  const keepdims = [text(1, 'keepdims'), number(3, 0), number(20, int_attribute)];
  const sum = [
    ...[text(1, 'rows'), text(2, 'logits'), text(4, 'ReduceSum')],
    ...[message(5, axes), message(5, keepdims)],
  ];
  const graph = [
    ...[message(1, gather), message(1, sum), text(2, 'tiny'), message(5, tensor)],
    ...[message(11, valueInfo('input_ids', int64_type, ['batch', 'sequence']))],
    ...[message(12, valueInfo('logits', float_type, ['batch', tiny_labels.length]))],
  ];
  return Buffer.concat([number(1, 6), message(7, graph), message(8, [number(2, 11)])]);
}

/** A name with a tensor's type; a dimension with a name is of any size. */
function valueInfo(name: string, type: number, shape: readonly (string | number)[]): Buffer[] {
  const dimensions = shape.map(size => message(1, [typeof size === 'string' ? text(2, size) : number(1, size)]));
  return [text(1, name), message(2, [message(1, [number(1, type), message(2, dimensions)])])];
}

// Protocol Buffers' encoding: a field is its number and wire type, then the value.
const varint_wire = 0;
const bytes_wire = 2;
const number = (id: number, value: number): Buffer => Buffer.concat([varint((id << 3) | varint_wire), varint(value)]);
const field = (id: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint((id << 3) | bytes_wire), varint(bytes.length), bytes]);
const text = (id: number, value: string): Buffer => field(id, Buffer.from(value));
const message = (id: number, fields: readonly Buffer[]): Buffer => field(id, Buffer.concat(fields));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}
