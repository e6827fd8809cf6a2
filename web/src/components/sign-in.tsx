import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { sentence } from '../format.ts';
import { message } from '../record.ts';
import type { Tokens } from '../session.ts';
import { tokenAlone, tokenFromInput } from '../session.ts';
import type { Methods } from '../sign-in.ts';
import { keepPlace, provider_path, readMethods, signInByPassword } from '../sign-in.ts';
import { Logo } from './logo.tsx';
import { Command, Loading } from './states.tsx';

interface SignInProps {
  /** Why the last session ended, or the last try failed. */
  reason: string | null;
  onSignedIn(tokens: Tokens): void;
}

export function SignIn({ reason, onSignedIn }: SignInProps) {
  const [methods, setMethods] = useState<Methods | null>(null);
  useEffect(() => {
    // Where even that is not answered the form says so with the first try.
    readMethods().then(setMethods, () => setMethods({ password: true, oidc: null }));
  }, []);
  return (
    <main class="sign-in">
      <div class="panel">
        <h1>
          <Logo /> Millrace
        </h1>
        {reason !== null && (
          <p class="failure" role="alert">
            {sentence(reason)}
          </p>
        )}
        {methods === null ? (
          <Loading rows={3} label="Reading how to sign in" />
        ) : (
          <Ways methods={methods} onSignedIn={onSignedIn} />
        )}
      </div>
    </main>
  );
}

function Ways({ methods, onSignedIn }: { methods: Methods; onSignedIn(tokens: Tokens): void }) {
  const only_token = !methods.password && methods.oidc === null;
  return (
    <>
      {methods.oidc !== null && (
        <a class="primary" href={provider_path} onClick={() => keepPlace(window)}>
          Sign in with {methods.oidc}
        </a>
      )}
      {methods.oidc !== null && methods.password && <p class="or">or</p>}
      {methods.password && <PasswordForm onSignedIn={onSignedIn} />}
      <details open={only_token}>
        <summary>Sign in with a token</summary>
        <TokenForm onSignedIn={onSignedIn} focus={only_token} />
      </details>
    </>
  );
}

function PasswordForm({ onSignedIn }: Pick<SignInProps, 'onSignedIn'>) {
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => user.current?.focus(), []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy || user.current === null || password.current === null) return;
    setBusy(true);
    // Taken away first: the same words again would not be read out again.
    setError(null);
    try {
      onSignedIn(await signInByPassword(user.current.value.trim(), password.current.value));
    } catch (fault) {
      setError(wordsOf(fault));
      setBusy(false);
      password.current.select();
    }
  }

  return (
    <form onSubmit={event => void submit(event)} aria-busy={busy}>
      {error !== null && (
        <p class="failure" role="alert" id="sign-in-error">
          {error}
        </p>
      )}
      <label>
        User or mail address
        <input
          ref={user}
          name="user"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={254}
          aria-describedby={error === null ? undefined : 'sign-in-error'}
        />
      </label>
      <label>
        Password
        <input
          ref={password}
          type="password"
          name="password"
          autocomplete="current-password"
          required
          maxLength={256}
          aria-describedby={error === null ? undefined : 'sign-in-error'}
        />
      </label>
      <button type="submit" class="primary">
        {busy ? 'Signing in' : 'Sign in'}
      </button>
    </form>
  );
}

function wordsOf(fault: unknown): string {
  if (!(fault instanceof ApiError)) return message(fault);
  if (fault.status === 401) return 'The user or the password is wrong.';
  if (fault.status === 429) return 'Too many tries. Wait a minute, then try again.';
  return sentence(fault.message);
}

function TokenForm({ onSignedIn, focus }: Pick<SignInProps, 'onSignedIn'> & { focus: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) input.current?.focus();
  }, []);

  function submit(event: Event): void {
    event.preventDefault();
    const token = tokenFromInput(input.current?.value ?? '');
    if (token !== '') onSignedIn(tokenAlone(token));
  }

  return (
    <form onSubmit={submit}>
      <p>
        This prints one, and <code>millrace up</code> prints an address that carries it:
      </p>
      <Command>npx millrace token</Command>
      <label>
        Token
        <input ref={input} type="password" name="token" autocomplete="off" spellcheck={false} required />
      </label>
      <button type="submit" class={focus ? 'primary' : 'quiet'}>
        Sign in with the token
      </button>
      <p class="fine">The token stays in this tab and ends by itself after 30 minutes.</p>
    </form>
  );
}
