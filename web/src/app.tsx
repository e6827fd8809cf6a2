import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Dashboard } from './components/dashboard.tsx';
import { SignIn } from './components/sign-in.tsx';
import { dropToken, keepToken, takeToken } from './session.ts';

export function App() {
  const [token, setToken] = useState(() => takeToken(window));
  const current = useRef(token);
  const [reason, setReason] = useState<string | null>(null);

  const signIn = useCallback((given: string) => {
    keepToken(window, given);
    current.current = given;
    setToken(given);
    setReason(null);
  }, []);

  /** Leaves the session of `ended`. A late 401 of an earlier token must not end the session that followed it. */
  function signOut(ended: string, why: string | null): void {
    if (current.current !== ended) return;
    current.current = null;
    dropToken(window);
    setToken(null);
    setReason(why);
  }

  // Opening a fresh sign-in address in a tab that already shows the page changes the fragment and loads nothing.
  useEffect(() => {
    const onHash = (): void => {
      if (window.location.hash.includes('token=')) signIn(takeToken(window) ?? '');
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, [signIn]);

  if (token === null) return <SignIn reason={reason} onToken={signIn} />;
  return <Dashboard key={token} token={token} onSignOut={why => signOut(token, why)} />;
}
