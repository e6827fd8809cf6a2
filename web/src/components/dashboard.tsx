import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { forOrganization, organizationsOf } from '../account.ts';
import { createApi } from '../api.ts';
import type { AppContext, DrawerTarget } from '../context.ts';
import { AppProvider } from '../context.ts';
import { useRefresh, useResource } from '../hooks.ts';
import { createHub } from '../hub.ts';
import type { Session } from '../session.ts';
import { ChartPanel } from './chart-panel.tsx';
import { Drawers } from './drawers.tsx';
import { Header } from './header.tsx';
import { LeadsPanel } from './leads-panel.tsx';
import { MailPanel } from './mail-panel.tsx';
import { WaitsPanel } from './waits-panel.tsx';

const feeds = ['emails', 'customers', 'dead_letters', 'duplicates'] as const;
/** Evidence of evidence of evidence: deep enough for people, bounded for memory. */
const drawers_max = 8;

interface DashboardProps {
  session: Session;
  /** No token is taken any more. */
  onEnded(reason: string): void;
  onSignOut(): void;
}

export function Dashboard({ session, onEnded, onSignOut }: DashboardProps) {
  const [organization_id, setOrganization] = useState<string | undefined>(undefined);
  const [drawers, setDrawers] = useState<DrawerTarget[]>([]);
  const api = useMemo(() => createApi({ credentials: session, onUnauthorized: onEnded }), [session]);
  const hub = useMemo(
    () =>
      createHub({
        url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`,
        credentials: session,
        feeds,
        filter: organization_id === undefined ? undefined : { organization_id },
        onUnauthorized: onEnded,
      }),
    [session, organization_id],
  );

  useEffect(() => {
    const retry = (): void => hub.retryNow();
    window.addEventListener('online', retry);
    return () => {
      window.removeEventListener('online', retry);
      hub.close();
    };
  }, [hub]);

  const open = useCallback((target: DrawerTarget) => {
    setDrawers(before => [...before, target].slice(-drawers_max));
  }, []);

  // Dashboards elsewhere link to a record's trace by its id.
  useEffect(() => {
    const show = (): void => {
      const id = new URLSearchParams(location.hash.slice(1)).get('trace');
      if (id === null || id === '') return;
      history.replaceState(null, '', `${location.pathname}${location.search}`);
      open({ kind: 'record', id, title: id });
    };
    show();
    window.addEventListener('hashchange', show);
    return () => window.removeEventListener('hashchange', show);
  }, [open]);

  const app: AppContext = useMemo(() => ({ api, hub, organization_id, open }), [api, hub, organization_id, open]);

  return (
    <AppProvider value={app}>
      <Page onSignOut={onSignOut} onOrganization={setOrganization} app={app} />
      <Drawers targets={drawers} onClose={() => setDrawers(before => before.slice(0, -1))} />
    </AppProvider>
  );
}

interface PageProps {
  app: AppContext;
  onSignOut(): void;
  onOrganization(organization_id: string | undefined): void;
}

function Page({ app, onSignOut, onOrganization }: PageProps) {
  // One answer for all organisations serves the selector, too; the chosen one's part is summed from its sources.
  const whole = useResource('reconciliation', signal => app.api.reconciliation(undefined, signal));
  const [category, setCategory] = useState('');
  useRefresh(feeds, whole.reload);
  const part = useMemo(
    () => (whole.data === null ? null : forOrganization(whole.data, app.organization_id)),
    [whole.data, app.organization_id],
  );

  return (
    <div class="page">
      <Header
        organizations={whole.data === null ? [] : organizationsOf(whole.data)}
        reconciliation={part}
        error={whole.error}
        onSignOut={onSignOut}
        onOrganization={onOrganization}
        onRemoved={() => {
          onOrganization(undefined);
          whole.reload();
        }}
      />
      <main>
        <ChartPanel category={category} onCategory={setCategory} />
        <LeadsPanel />
        <WaitsPanel />
        <MailPanel category={category} onCategory={setCategory} nothingRead={part !== null && part.total.read === 0} />
      </main>
    </div>
  );
}
