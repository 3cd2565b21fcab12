import { useState } from 'react';
import type { JSX } from 'react';
import { nodeOf } from './json-node.js';
import styles from './json-tree.module.css';

/** Nodes that are unfolded at first. */
const OPEN_DEPTH = 2;
/** Children that are drawn at once. */
const PAGE = 100;

/** A JSON value whose objects and lists can be folded, with the type of each value. */
export function JsonTree({ value }: { readonly value: unknown }): JSX.Element {
  return (
    <ul className={styles['tree']}>
      <Node value={value} depth={0} />
    </ul>
  );
}

interface NodeProps {
  /** Undefined at the root. */
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps): JSX.Element {
  const { text, type, children, isWhole } = nodeOf(value);
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH && !isWhole);
  const line = (
    <>
      {name !== undefined && <span className={styles['name']}>{name}: </span>}
      {text !== '' && (
        <span className={styles['value']} data-type={type}>
          {text}
        </span>
      )}{' '}
      <span className={styles['type']}>{type}</span>
    </>
  );
  if (children === undefined || children.length === 0) return <li className={styles['leaf']}>{line}</li>;
  return (
    <li>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{line}</summary>
        {/* Drawn only while it can be seen: an answer may have thousands of values. */}
        {isOpen && <Children of={children} depth={depth + 1} />}
      </details>
    </li>
  );
}

interface ChildrenProps {
  readonly of: readonly (readonly [key: string, value: unknown])[];
  readonly depth: number;
}

function Children({ of: children, depth }: ChildrenProps): JSX.Element {
  const [count, setCount] = useState(PAGE);
  const rest = children.length - count;
  return (
    <ul>
      {children.slice(0, count).map(([key, value]) => (
        <Node key={key} name={key} value={value} depth={depth} />
      ))}
      {rest > 0 && (
        <li>
          <button type="button" className={styles['more']} onClick={() => setCount(count + PAGE)}>
            {rest} more
          </button>
        </li>
      )}
    </ul>
  );
}
