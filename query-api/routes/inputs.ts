/** Ways in that are ingest's: the API checks who asks, where that is its matter, and hands the request on. */
import { z } from 'zod';
import { type DescribedRoute, describe } from '../contract.ts';
import type { IngestClient } from '../ingest-client.ts';
import { name } from '../parameters.ts';

const events_bytes_max = 4 * 1024 * 1024;
const hook_bytes_max = 1024 * 1024;

/** Events say nothing of owners, so the address does. */
const owners = z.strictObject({
  organization_id: name.optional(),
  mailbox: name.optional(),
  owner_id: name.optional(),
  team_id: name.optional(),
});
const received = z
  .object({
    accepted: z.int(),
    refused: z.int(),
    results: z.array(z.looseObject({})).describe('Of each event in its order: its record, or what is wrong with it'),
  })
  .meta({ id: 'ReceivedEvents' });
const delivered = z.looseObject({ received: z.int(), dead_letters: z.int() }).meta({ id: 'ReceivedDelivery' });

export function inputRoutes(ingest: IngestClient): DescribedRoute[] {
  const tag = 'Inputs';
  return [
    describe({
      method: 'POST',
      path: '/events',
      access: 'write',
      tag,
      summary: 'CloudEvents 1.0 with JSON data: structured, binary, or a batch',
      query: owners,
      passed_body: z.unknown(),
      body_bytes_max: events_bytes_max,
      answers: { 200: { description: 'All that was accepted is durable', schema: received } },
      problems: [415, 502, 504],
      handle: ({ request }) => ingest.pass(request, `/events?${request.query}`, header => header.startsWith('ce-')),
    }),
    // Its sender has a secret with the hook, and no token with us.
    describe({
      method: 'POST',
      path: '/hooks/:name',
      access: 'open',
      tag,
      summary: 'A webhook of the configuration, whose sender proves itself to it',
      query: z.looseObject({}),
      passed_body: z.unknown(),
      body_bytes_max: hook_bytes_max,
      answers: { 202: { description: 'Durable', schema: delivered } },
      problems: [401, 403, 415, 422, 502, 504],
      handle: ({ request }) => ingest.passUnsigned(request, request.path),
    }),
  ];
}
