/** Tokens for the commands themselves. What signs them is loaded when it is needed: a health check needs none. */
import type { Role } from '../query-api/auth/roles.ts';

export async function signToken(secret: string, user: string, role: Role): Promise<string> {
  const { createTokens } = await import('../query-api/auth/tokens.ts');
  return createTokens(secret).sign(user, role);
}
