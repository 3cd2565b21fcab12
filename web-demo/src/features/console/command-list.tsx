import { useEffect, useMemo, useRef, useState } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import { Link, useLocation } from 'wouter';
import { DISCOVERED } from './operations.js';
import type { Operation } from './operations.js';
import styles from './console.module.css';

interface CommandListProps {
  readonly operations: readonly Operation[];
  readonly chosen: string | undefined;
}

/** Commands by group; the arrow keys move the focus. */
export function CommandList({ operations, chosen }: CommandListProps): JSX.Element {
  const [search, setSearch] = useState('');
  const [, navigate] = useLocation();
  const list = useRef<HTMLDivElement>(null);
  const groupsBox = useRef<HTMLDivElement>(null);
  const groups = useMemo(() => grouped(operations, search), [operations, search]);
  // A command chosen by the address may be out of view.
  useEffect(() => {
    const item = list.current?.querySelector<HTMLElement>('[aria-current]');
    const box = groupsBox.current;
    // Only the list scrolls, not the page.
    if (item != null && box !== null) box.scrollTop = item.offsetTop - box.offsetTop - box.clientHeight / 2;
  }, [chosen]);
  const found = groups.flatMap(([, each]) => each);
  const moveFocus = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const links = [...(list.current?.querySelectorAll<HTMLElement>('a, input') ?? [])];
    const at = links.findIndex((each) => each === document.activeElement);
    links.at(Math.min(Math.max(at + step, 0), links.length - 1))?.focus();
    event.preventDefault();
  };
  const open = (event: KeyboardEvent): void => {
    const [first] = found;
    if (event.key === 'Enter' && first !== undefined) navigate(addressOf(first));
  };
  return (
    <nav
      ref={list}
      aria-label="Commands"
      className={styles['list']}
      data-chosen={chosen === undefined ? undefined : true}
      onKeyDown={moveFocus}
    >
      <label className={styles['field']}>
        Find a command
        <input
          type="search"
          className={styles['input']}
          autoComplete="off"
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={open}
        />
      </label>
      <p className={styles['hint']} role="status">
        {found.length === operations.length
          ? `${operations.length} commands`
          : `${found.length} of ${operations.length} commands`}
      </p>
      <div ref={groupsBox} className={styles['listGroups']}>
        {groups.map(([group, members]) => (
          <section key={group} aria-label={group}>
            <h2>{group === DISCOVERED ? 'Discovered: listed by this studio' : group}</h2>
            {members.map((each) => (
              <CommandLink key={each.id} operation={each} isChosen={each.id === chosen} />
            ))}
          </section>
        ))}
      </div>
    </nav>
  );
}

interface CommandLinkProps {
  readonly operation: Operation;
  readonly isChosen: boolean;
}

/** One line; what the command does is its title. */
function CommandLink({ operation, isChosen }: CommandLinkProps): JSX.Element {
  const { id, method, summary, isDiscovered } = operation;
  return (
    <Link
      href={addressOf(operation)}
      className={styles['command']}
      aria-current={isChosen ? 'page' : undefined}
      title={isDiscovered ? 'Listed by this studio' : summary}
    >
      <span className={styles['dot']} data-method={method} aria-hidden />
      <span className={styles['name']}>{id}</span>
    </Link>
  );
}

function addressOf({ id }: Operation): string {
  return `/console/${encodeURIComponent(id)}`;
}

type Groups = readonly (readonly [string, readonly Operation[]])[];

function grouped(operations: readonly Operation[], search: string): Groups {
  const words = search.toLowerCase().split(/\s+/);
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const { id, summary, path, group, command } = operation;
    const text = `${id} ${command} ${summary} ${path} ${group}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    groups.set(group, [...(groups.get(group) ?? []), operation]);
  }
  return [...groups];
}
