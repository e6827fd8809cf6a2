/** How bigger models are configured. Without these settings none is loaded, and nothing of a mail goes anywhere. */
import { z } from 'zod';
import { timeout_ms_max } from '../../lib/asking.ts';

/** A mail as a whole waits so much longer than for each model, so that what one of them answered in time counts. */
export const slack_ms = 1_000;

const timeout_ms = z.coerce
  .number()
  .int()
  .positive()
  .max(timeout_ms_max - slack_ms)
  .default(10_000)
  .describe('how long a mail waits for it; after that the small model answers');

const classifier = z.strictObject({
  folder: z
    .string()
    .min(1)
    .describe('that holds it as the Hugging Face hub lays it out: config.json, tokenizer.json, onnx/model.onnx'),
  labels: z.record(z.string(), z.string().min(1)).describe("each of the model's labels, and what we call it"),
  device: z.enum(['cpu', 'cuda']).default('cpu').describe('what it runs on'),
  dtype: z
    .enum(['fp32', 'fp16', 'q8', 'q4'])
    .default('fp32')
    .describe('which file of the folder: model.onnx, model_fp16.onnx, model_quantized.onnx, model_q4.onnx'),
  batch: z.coerce.number().int().min(1).max(256).default(16).describe('mails a call'),
  timeout_ms,
});

const sentiments: readonly string[] = ['negative', 'neutral', 'positive'];
const isSentiment = ({ labels }: { labels: Record<string, string> }): boolean =>
  Object.values(labels).every(label => sentiments.includes(label));

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const isPrivate = (url: string): boolean =>
  !URL.canParse(url) || new URL(url).protocol === 'https:' || loopback.has(new URL(url).hostname);

const summaries = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'is neither https nor on this machine: mails would be readable on their way')
    .refine(url => !URL.canParse(url) || new URL(url).password === '', 'holds a password: give it as api_key')
    .describe('of an OpenAI-compatible API, to which `/chat/completions` is appended; the text of mails goes there')
    .meta({ examples: ['http://localhost:11434/v1'] }),
  model: z.string().min(1).describe('which of its models'),
  api_key: z.string().min(1).optional().describe('sent as a bearer token; better in the environment than in a file'),
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({ temperature: 0 })
    .describe('further members of each request, such as `max_tokens`'),
  timeout_ms,
  chars_max: z.coerce.number().int().min(40).max(4_000).default(600).describe('a longer summary is cut'),
  text_chars_min: z.coerce.number().int().min(0).default(280).describe('a shorter mail is its own summary'),
  text_chars_max: z.coerce.number().int().min(100).max(100_000).default(12_000).describe('of a mail, what is sent'),
  imports: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('whether mails of imports are summarised too, each at the cost of a call'),
});

export const biggerSettings = z.strictObject({
  sentiment: classifier
    .refine(isSentiment, { path: ['labels'], message: 'names what is none of negative, neutral and positive' })
    .optional()
    .describe('an ONNX text classifier in place of the small model'),
  category: classifier.optional().describe('the same for the category'),
  runtime: z
    .string()
    .min(1)
    .optional()
    .describe('the folder in which @huggingface/transformers is installed, which runs them (docs/models/bigger.md)'),
  summaries: summaries.optional().describe('a language model that writes the summaries'),
  in_flight_max: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('mails that are asked about at the same time, of each process'),
});

export type BiggerSettings = z.infer<typeof biggerSettings>;
export type ClassifierSettings = z.infer<typeof classifier>;
export type SummarySettings = z.infer<typeof summaries>;
