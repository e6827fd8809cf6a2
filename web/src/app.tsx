import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { Dashboard } from './components/dashboard.tsx';
import { SignIn } from './components/sign-in.tsx';
import { Loading } from './components/states.tsx';
import { message } from './record.ts';
import type { Channel, Session, Tokens } from './session.ts';
import { createSession, takeTokens } from './session.ts';
import { collectFromProvider, endSession, refresh, returnToPlace, takeProviderWord } from './sign-in.ts';

function open(tokens: Tokens): Session {
  const channel = new BroadcastChannel('millrace.session') as Channel;
  return createSession({ tokens, browser: window, refresh, channel });
}

export function App() {
  const [word] = useState(() => takeProviderWord(window));
  const [session, setSession] = useState(() => {
    const tokens = word === null ? takeTokens(window) : null;
    return tokens === null ? null : open(tokens);
  });
  const current = useRef(session);
  const [reason, setReason] = useState(word?.done === false ? word.reason : null);
  const [collecting, setCollecting] = useState(word?.done === true);

  const signIn = useCallback((tokens: Tokens) => {
    current.current?.drop();
    current.current = open(tokens);
    setSession(current.current);
    setReason(null);
  }, []);

  /** Leaves the session `ended`. A late 401 of an earlier one must not end the session that followed it. */
  function leave(ended: Session, why: string | null): void {
    if (current.current !== ended) return;
    current.current = null;
    ended.drop();
    setSession(null);
    setReason(why);
  }

  useEffect(() => {
    if (!collecting) return;
    collectFromProvider()
      .then(tokens => {
        returnToPlace(window);
        signIn(tokens);
      })
      .catch(error => setReason(error instanceof ApiError ? error.detail || error.title : message(error)))
      .finally(() => setCollecting(false));
  }, []);

  // Opening a fresh sign-in address in a tab that already shows the page changes the fragment and loads nothing.
  useEffect(() => {
    const onHash = (): void => {
      const tokens = window.location.hash.includes('token=') ? takeTokens(window) : null;
      if (tokens !== null) signIn(tokens);
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, [signIn]);

  if (collecting) return <Loading rows={3} label="Signing in" />;
  if (session === null) return <SignIn reason={reason} onSignedIn={signIn} />;
  return (
    <Dashboard
      key={session.id}
      session={session}
      onEnded={why => leave(session, why)}
      onSignOut={() => {
        void endSession(session.present());
        leave(session, null);
      }}
    />
  );
}
