/** How webhooks are configured: who may call one, and where in its body the record is. */
import { z } from 'zod';

const secret = z
  .string()
  .min(8, 'at least 8 characters')
  .describe('shared with the sender; better in a file (secret_file) than here');

const secrets = {
  secret: secret.optional(),
  secret_file: z.string().optional().describe('a file that holds the secret'),
};

const verify = z.discriminatedUnion('scheme', [
  z.strictObject({
    scheme: z.literal('hmac-sha256').describe('a header with the HMAC of the body'),
    ...secrets,
    header: z.string().toLowerCase().default('x-signature').describe('which header has the signature'),
    prefix: z.string().default('').describe('what stands before it, such as `sha256=`'),
    encoding: z.enum(['hex', 'base64']).default('hex').describe('how it is written'),
  }),
  z.strictObject({ scheme: z.literal('github').describe('X-Hub-Signature-256'), ...secrets }),
  z.strictObject({ scheme: z.literal('stripe').describe('Stripe-Signature, at most five minutes old'), ...secrets }),
  z.strictObject({ scheme: z.literal('shopify').describe('X-Shopify-Hmac-Sha256'), ...secrets }),
  z.strictObject({
    scheme: z
      .literal('standard-webhooks')
      .describe('webhook-signature (standardwebhooks.com), five minutes old at most'),
    ...secrets,
  }),
  z.strictObject({
    scheme: z.literal('token').describe('a header that is the secret'),
    ...secrets,
    header: z.string().toLowerCase().default('authorization').describe('which one; `Bearer ` before it is left out'),
  }),
  z.strictObject({
    scheme: z.literal('basic').describe('basic authentication, the secret as password'),
    ...secrets,
    user: z.string().describe('the user name'),
  }),
]);

const place = z
  .union([z.string().min(1), z.strictObject({ value: z.union([z.string(), z.number()]) })])
  .describe('a path such as `data.object.id`, or `{value: …}` for what is always the same');

export const hookSettings = z.strictObject({
  kind: z.enum(['event', 'crm']).describe('what it becomes: an event of a person, or a change in the CRM'),
  verify: verify.describe('how the sender proves who it is'),
  id: z
    .string()
    .optional()
    .describe("where the delivery's id is, `header:NAME` or a path; what comes again with it is a duplicate"),
  each: z
    .string()
    .optional()
    .describe('a path to an array of which each element is a record; the body itself may be one'),
  map: z
    .record(z.string(), place)
    .default({})
    .describe('fields of the record: `type`, `time`, `email` of an event; those of an NDJSON CRM line of a change'),
  organization: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional()
    .describe('whose the records are, if not the organisation itself'),
  team: z.string().max(200).default('').describe('the team they belong to'),
});

export type HookSettings = z.infer<typeof hookSettings>;

export const hooksSettings = z.record(
  z.string().regex(/^[a-z0-9-]{1,64}$/, 'lower-case letters, digits and -'),
  hookSettings,
);
