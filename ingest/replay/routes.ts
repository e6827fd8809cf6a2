/** Replaying over the internal listener: the API looks letters up, since it has the tables, and hands them on. */
import { z } from 'zod';
import { type HttpRequest, json, jsonBody, Problem, type Reply } from '../../lib/http.ts';
import type { Replayer, ReplayOutcome, ReplayRequest } from './index.ts';

/** More than the API takes: what it says of each letter comes on top. */
export const replay_bytes_max = 48 * 1024 * 1024;
const letters_max = 500;

const owner = z.object({
  organization_id: z.string(),
  mailbox: z.string(),
  owner_id: z.string(),
  team_id: z.string(),
});
const letter = z.object({
  dead_letter_id: z.string(),
  owner,
  stage: z.string(),
  cause: z.string(),
  source: z.string(),
  topic: z.string().nullable(),
  original_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  original_size_bytes: z.int().nonnegative(),
});
const body = z.object({
  letters: z.array(z.object({ letter, bytes_base64: z.base64().nullable() })).max(letters_max),
});

export async function previewLetters(request: HttpRequest, replayer: Replayer): Promise<Reply> {
  const items: ReplayOutcome[] = [];
  // One after the other: each may be as large as a mail may be.
  for (const one of await requestsOf(request)) items.push(await replayer.preview(one));
  return json(200, { items });
}

export async function replayLetters(request: HttpRequest, replayer: Replayer): Promise<Reply> {
  return json(200, { items: await replayer.replay(await requestsOf(request)) });
}

async function requestsOf(request: HttpRequest): Promise<ReplayRequest[]> {
  const parsed = body.safeParse(await jsonBody(request));
  if (!parsed.success) throw new Problem(400, z.prettifyError(parsed.error));
  return parsed.data.letters.map(({ letter, bytes_base64 }) => ({
    letter,
    bytes: bytes_base64 === null ? null : Buffer.from(bytes_base64, 'base64'),
  }));
}
