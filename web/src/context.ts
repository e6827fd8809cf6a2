import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.ts';
import type { ConversationTarget } from './components/conversation-summary.tsx';
import type { Hub } from './hub.ts';

/** What a drawer can show. */
export type DrawerTarget =
  | { kind: 'record'; id: string; title: string; conversation?: ConversationTarget }
  | { kind: 'customer'; person_id: string; organization_id: string; title: string }
  | { kind: 'reconciliation' };

export interface AppContext {
  api: Api;
  hub: Hub;
  /** Undefined: all organisations. */
  organization_id: string | undefined;
  open(target: DrawerTarget): void;
}

const Context = createContext<AppContext | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (app === null) throw new Error('a component that uses the app is outside of AppProvider');
  return app;
}
