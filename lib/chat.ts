/**
 * A language model behind `POST {url}/chat/completions`, the protocol that OpenAI began and vLLM, Ollama, llama.cpp and others speak.
 * What it answers is text of bounded length, or an error with a code that says what was wrong; neither an error nor the log ever
 * has the key, what was asked, or what was answered.
 */
import { MillraceError } from './errors.ts';
import { parseJson } from './json.ts';

export interface ChatOptions {
  /** To which `/chat/completions` is appended. */
  readonly url: string;
  readonly model: string;
  /** Sent as a bearer token. */
  readonly api_key: string | undefined;
  /** Further members of each request, such as `temperature`. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

export interface ChatMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/**
 * Throws MillraceError: `unreachable`; `status` where it is not 200; `too_large` beyond 256 KiB; `malformed` where there is no text in
 * it. A redirection is not followed: it would take the text to a place that nobody named.
 */
export type Chat = (messages: readonly ChatMessage[], signal: AbortSignal) => Promise<string>;

const body_bytes_max = 256 * 1024;

export function openChat({ url, model, api_key, parameters }: ChatOptions): Chat {
  const target = `${url.replace(/\/+$/, '')}/chat/completions`;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(api_key === undefined ? {} : { authorization: `Bearer ${api_key}` }),
  };
  return async (messages, signal) => {
    const body = JSON.stringify({ ...parameters, model, messages, stream: false });
    const response = await fetch(target, { method: 'POST', headers, body, signal, redirect: 'manual' }).catch(error =>
      failed(signal, error),
    );
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => undefined);
      throw new MillraceError('status', `the language model's endpoint answered ${response.status}`);
    }
    return textOf(await wholeOf(response, signal));
  };
}

/** A connection that breaks is one thing, whoever gave up waiting another. */
function failed(signal: AbortSignal, error: unknown): never {
  if (signal.aborted) throw signal.reason;
  throw new MillraceError('unreachable', "the language model's endpoint cannot be reached", { cause: error });
}

async function wholeOf({ body }: Response, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > body_bytes_max) break;
      chunks.push(chunk);
    }
  } catch (error) {
    failed(signal, error);
  }
  if (bytes <= body_bytes_max) return Buffer.concat(chunks).toString('utf8');
  throw new MillraceError('too_large', `the language model's answer is longer than ${body_bytes_max} bytes`);
}

function textOf(body: string): string {
  const parsed = parseJson(body);
  const choices = memberOf('value' in parsed ? parsed.value : null, 'choices');
  const first: unknown = Array.isArray(choices) ? choices[0] : null;
  const text = memberOf(memberOf(first, 'message'), 'content');
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new MillraceError('malformed', "the language model's answer has no text");
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
