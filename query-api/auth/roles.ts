/** What each role may do. By mailbox and team comes on top of this; a role alone opens no one's mail. */
export const roles = ['admin', 'manager', 'user', 'viewer'] as const;
export type Role = (typeof roles)[number];

export const permissions = ['read', 'write', 'write_own', 'delete', 'manage_users', 'manage_team'] as const;
export type Permission = (typeof permissions)[number];

/** Throws where it is none: the directory holds nothing else. */
export function roleOf(name: string): Role {
  const role = roles.find(one => one === name);
  if (role === undefined) throw new Error(`${JSON.stringify(name)} is no role`);
  return role;
}

const granted: Readonly<Record<Role, readonly Permission[]>> = {
  admin: ['read', 'write', 'delete', 'manage_users'],
  manager: ['read', 'write', 'manage_team'],
  user: ['read', 'write_own'],
  viewer: ['read'],
};

/** Whoever may write anything may write what is his own. */
export function permits(role: Role, permission: Permission): boolean {
  const ofRole = granted[role];
  return ofRole.includes(permission) || (permission === 'write_own' && ofRole.includes('write'));
}

/** What a role may do, the whole of it. */
export const permissionsOf = (role: Role): Permission[] => permissions.filter(permission => permits(role, permission));
