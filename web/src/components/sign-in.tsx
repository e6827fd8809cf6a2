import { useState } from 'preact/hooks';
import { tokenFromInput } from '../session.ts';
import { Logo } from './logo.tsx';
import { Command } from './states.tsx';

export function SignIn({ reason, onToken }: { reason: string | null; onToken(token: string): void }) {
  const [input, setInput] = useState('');

  function submit(event: Event): void {
    event.preventDefault();
    const token = tokenFromInput(input);
    if (token !== '') onToken(token);
  }

  return (
    <main class="sign-in">
      <form class="panel" onSubmit={submit}>
        <h1>
          <Logo /> Millrace
        </h1>
        {reason !== null && (
          <p class="failure" role="alert">
            {reason}
          </p>
        )}
        <p>
          Sign in with a token. This prints one, and <code>millrace up</code> prints an address that carries it:
        </p>
        <Command>npx millrace token</Command>
        <label>
          Token
          <input
            type="password"
            name="token"
            value={input}
            autocomplete="off"
            spellcheck={false}
            required
            ref={element => element?.focus()}
            onInput={event => setInput(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
        <p class="fine">The token stays in this tab and ends by itself after 30 minutes.</p>
      </form>
    </main>
  );
}
