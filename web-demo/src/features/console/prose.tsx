import { Code } from '@mantine/core';
import type { JSX } from 'react';

/** Text of the API's document: what stands in backticks is code. */
export function Prose({ text }: { readonly text: string }): JSX.Element {
  // Every second part is what a pair of backticks held.
  const parts = text.split(/`([^`]+)`/);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 0 ? part : <Code key={`${String(index)} ${part}`}>{part}</Code>,
      )}
    </>
  );
}
