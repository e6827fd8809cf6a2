/** What each role may do. By mailbox and team comes on top of this; a role alone opens no one's mail. */
export const roles = ['admin', 'manager', 'user', 'viewer'] as const;
export type Role = (typeof roles)[number];

export type Permission = 'read' | 'write' | 'write_own' | 'delete' | 'manage_users' | 'manage_team';

const granted: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ['read', 'write', 'delete', 'manage_users'],
  manager: ['read', 'write', 'manage_team'],
  user: ['read', 'write_own'],
  viewer: ['read'],
};

/** Whoever may write anything may write what is his own. */
export function permits(role: Role, permission: Permission): boolean {
  const permissions = granted[role];
  return permissions.includes(permission) || (permission === 'write_own' && permissions.includes('write'));
}
