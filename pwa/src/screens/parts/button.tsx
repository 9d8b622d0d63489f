/** Buttons and links that look like them: one `act` a screen, the rest plain; `danger` never beside the main one. */
import type { ComponentChildren } from 'preact';

export interface ButtonProps {
  kind?: 'act' | 'plain' | 'danger' | 'quiet';
  type?: 'button' | 'submit';
  onClick?: () => void;
  disabled?: boolean;
  /** Work is under way: the button stays, says so, and does nothing twice. */
  busy?: boolean;
  /** Only where the visible words alone would be ambiguous ("I have it" on many cards). */
  label?: string;
  pressed?: boolean;
  children: ComponentChildren;
}

export function Button({ kind = 'plain', type = 'button', onClick, disabled, busy, label, pressed, children }: ButtonProps) {
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled}
      aria-disabled={busy ? 'true' : undefined}
      aria-busy={busy ? 'true' : undefined}
      aria-label={label}
      aria-pressed={pressed}
      onClick={busy ? (event) => event.preventDefault() : onClick && (() => onClick())}
    >
      {children}
    </button>
  );
}

export function LinkButton({ kind = 'plain', to, children }: { kind?: 'act' | 'plain' | 'quiet'; to: string; children: ComponentChildren }) {
  return (
    <a class={`button ${kind}`} href={`#${to}`}>
      {children}
    </a>
  );
}
