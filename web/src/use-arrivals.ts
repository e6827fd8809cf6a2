import { useEffect, useState } from 'preact/hooks';
import { useApp } from './context.ts';
import * as decode from './decode.ts';
import { useLatest } from './hooks.ts';
import type { Mail } from './model.ts';

/** So many of the latest arrivals are remembered, whatever their date. */
export const arrivals_max = 200;

/** The mails that came while the page was open, in the order of their coming. `key` starts the list anew. */
export function useArrivals(key: string, accepts: (mail: Mail) => boolean): readonly Mail[] {
  const { hub } = useApp();
  const [mails, setMails] = useState<readonly Mail[]>([]);
  const latest = useLatest(accepts);
  useEffect(() => {
    setMails([]);
    return hub.listen(['emails'], {
      onRecords(records) {
        const wanted = records.map(decode.mail).filter(mail => latest.current(mail));
        if (wanted.length > 0) setMails(before => newestFirst(before, wanted));
      },
    });
  }, [hub, key]);
  return mails;
}

function newestFirst(before: readonly Mail[], arrived: readonly Mail[]): readonly Mail[] {
  const byId = new Map([...arrived].reverse().map(mail => [mail.email_id, mail]));
  return [...byId.values(), ...before.filter(mail => !byId.has(mail.email_id))].slice(0, arrivals_max);
}
