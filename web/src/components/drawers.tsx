import type { DrawerTarget } from '../context.ts';
import { CustomerDrawer } from './customer-drawer.tsx';
import { ReconciliationDrawer } from './reconciliation-drawer.tsx';
import { RecordDrawer } from './record-drawer.tsx';

/** Drawers lie on top of each other; only the topmost can close, and the one beneath is as it was left. */
export function Drawers({ targets, onClose }: { targets: readonly DrawerTarget[]; onClose(): void }) {
  return (
    <>
      {targets.map((target, depth) => (
        <DrawerFor key={`${depth} ${JSON.stringify(target)}`} target={target} onClose={onClose} />
      ))}
    </>
  );
}

function DrawerFor({ target, onClose }: { target: DrawerTarget; onClose(): void }) {
  switch (target.kind) {
    case 'record':
      return <RecordDrawer {...target} onClose={onClose} />;
    case 'customer':
      return <CustomerDrawer {...target} onClose={onClose} />;
    case 'reconciliation':
      return <ReconciliationDrawer onClose={onClose} />;
  }
}
