import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/**
 * A panel over the page's right side. A modal <dialog> brings what is easily got wrong by hand: the rest of the page is
 * inert, focus stays inside and returns to where it came from, Esc closes the topmost one.
 */
export function Drawer(props: { title: string; kicker: string; onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    const closeOutside = (event: MouseEvent): void => {
      if (event.target === element) element.close();
    };
    element.addEventListener('click', closeOutside);
    element.showModal();
    return () => element.removeEventListener('click', closeOutside);
  }, []);

  return (
    <dialog class="drawer" ref={dialog} aria-labelledby={titleId} onClose={props.onClose}>
      <div class="drawer-inside">
        <header>
          <div>
            <p class="kicker">{props.kicker}</p>
            <h2 id={titleId} dir="auto">
              {props.title}
            </h2>
          </div>
          <button type="button" class="quiet" onClick={() => dialog.current?.close()} title="Close (Esc)">
            Close
          </button>
        </header>
        <div class="drawer-body">{props.children}</div>
      </div>
    </dialog>
  );
}
