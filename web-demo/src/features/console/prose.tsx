import type { JSX } from 'react';

/** Text of the API document: text in backticks is shown as code. */
export function Prose({ text }: { readonly text: string }): JSX.Element {
  // Odd parts were in backticks.
  const parts = text.split(/`([^`]+)`/);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 0 ? part : <code key={`${String(index)} ${part}`}>{part}</code>,
      )}
    </>
  );
}
