/** An endpoint for chat completions, for tests: real HTTP on this machine, with answers as good or bad as the test wants them. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A text; a response; or one that never comes, that breaks off, or that never ends. */
export type FakeAnswer = string | FakeResponse | 'hang' | 'break' | 'endless';
interface FakeResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FakeRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface FakeChat {
  /** What `/chat/completions` is appended to. */
  readonly url: string;
  /** In the order in which they came. */
  readonly requests: readonly FakeRequest[];
  /** To whatever comes from now on, each after `delay_ms`. */
  answer(given: FakeAnswer, delay_ms?: number): void;
  /** Breaks what is open, and answers nobody any more. */
  close(): Promise<void>;
}

/** On a free port, or one that a closed one had. */
export async function startFakeChat(port = 0): Promise<FakeChat> {
  const requests: FakeRequest[] = [];
  let answer: FakeAnswer = 'A summary.';
  let delay_ms = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      requests.push({ path, authorization: headers.authorization, body: Buffer.concat(chunks).toString() });
      setTimeout(reply, delay_ms, response, answer);
    });
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answer(given, after_ms = 0) {
      answer = given;
      delay_ms = after_ms;
    },
    close: () => closed(server),
  };
}

function reply(response: ServerResponse, answer: FakeAnswer): void {
  if (answer === 'break') response.destroy();
  if (answer === 'endless') pour(response);
  if (answer === 'hang' || answer === 'break' || answer === 'endless') return;
  const { status = 200, headers = {}, body = '' } = typeof answer === 'string' ? { body: saying(answer) } : answer;
  response.writeHead(status, headers).end(body);
}

const saying = (content: string): string =>
  JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content } }],
  });

function pour(response: ServerResponse): void {
  if (!response.destroyed) response.write('x'.repeat(10_000), () => pour(response));
}

function closed(server: Server): Promise<void> {
  return new Promise(done => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
