/** How a provider of OpenID Connect is configured. */
import { z } from 'zod';
import { roles } from '../auth/roles.ts';

/** What travels there and back is a sign-in: nothing but this machine itself is trusted without TLS. */
const isPrivate = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
};
const needs_tls = 'must be https, except on this machine';

export const oidcSettings = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/ })
      .refine(isPrivate, needs_tls)
      .describe('exactly as the provider calls itself; `ISSUER/.well-known/openid-configuration` says the rest')
      .meta({ examples: ['https://accounts.google.com'] }),
    client_id: z.string().min(1).describe('as the provider knows this installation'),
    client_secret: z.string().min(1).describe('better in the environment than in a file'),
    public_url: z
      .url({ protocol: /^https?$/ })
      .refine(isPrivate, needs_tls)
      .refine(url => new URL(url).href === `${new URL(url).origin}/`, 'has more than scheme, host and port')
      .overwrite(url => new URL(url).origin)
      .describe('where browsers reach the API; the provider must know `PUBLIC_URL/api/session/oidc/callback`')
      .meta({ examples: ['https://millrace.example.com'] }),
    scopes: z.string().default('openid email profile').describe('what the provider is asked for'),
    label: z.string().min(1).max(60).default('your company account').describe('the button says: Sign in with …'),
    create_users: z
      .union([z.boolean(), z.stringbool()])
      .default(false)
      .describe('whether somebody of `domains` who is no user yet is added; otherwise only users may sign in'),
    default_role: z.enum(roles).exclude(['admin']).default('viewer').describe('of a user who is added'),
    domains: z.array(z.string().toLowerCase()).default([]).describe('mail domains of users who are added'),
  })
  .refine(({ create_users, domains }) => !create_users || domains.length > 0, {
    path: ['domains'],
    message: 'create_users needs them: else whoever has an account at the provider becomes a user',
  })
  .optional();

export type OidcSettings = NonNullable<z.output<typeof oidcSettings>>;
