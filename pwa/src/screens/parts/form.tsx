/** A form that fills the screen. What is typed is sent by the app itself, never by the browser. */
import type { ComponentChildren } from 'preact';

export function Form({ send, children }: { send: () => Promise<void>; children: ComponentChildren }) {
  return (
    <form
      class="fill"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
    </form>
  );
}
