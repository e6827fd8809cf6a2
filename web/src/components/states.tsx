import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** Grey lines in the shape of what is coming, so that the page does not jump when it is there. */
export function Loading({ rows, label }: { rows: number; label: string }) {
  return (
    <div class="loading" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <span class="loading-row" key={i} />
      ))}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: string; onRetry?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>{error}</p>
      {onRetry !== undefined && (
        <button type="button" class="quiet" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

const copied_ms = 1600;

/** A command to run in a terminal, with a button that copies it. */
export function Command({ children }: { children: string }) {
  const code = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(children);
      setCopied(true);
      setTimeout(() => setCopied(false), copied_ms);
    } catch {
      // Without HTTPS, or where it was denied, there is no clipboard: the text is selected for the reader's own copy.
      if (code.current !== null) window.getSelection()?.selectAllChildren(code.current);
    }
  }

  return (
    <span class="command">
      <code ref={code}>{children}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy: ${children}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </span>
  );
}
