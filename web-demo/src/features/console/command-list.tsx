import { Badge, Group, NavLink, Stack, Text, TextInput, Title } from '@mantine/core';
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
  const groups = useMemo(() => grouped(operations, search), [operations, search]);
  // A command chosen by the address may be out of view.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
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
    <Stack
      ref={list}
      component="nav"
      aria-label="Commands"
      gap="sm"
      className={styles.list}
      data-chosen={chosen === undefined ? undefined : true}
      onKeyDown={moveFocus}
    >
      <TextInput
        type="search"
        label="Find a command"
        autoComplete="off"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        onKeyDown={open}
      />
      <Text size="sm" c="dimmed" role="status">
        {found.length === operations.length
          ? `${operations.length} commands`
          : `${found.length} of ${operations.length} commands`}
      </Text>
      <div className={styles.listGroups}>
        {groups.map(([group, members]) => (
          <section key={group} aria-label={group}>
            <Title order={2} size="h6" mt="sm" mb={4}>
              {group === DISCOVERED ? 'Discovered: listed by this studio' : group}
            </Title>
            {members.map((each) => (
              <CommandLink key={each.id} operation={each} isChosen={each.id === chosen} />
            ))}
          </section>
        ))}
      </div>
    </Stack>
  );
}

function CommandLink({
  operation,
  isChosen,
}: {
  readonly operation: Operation;
  readonly isChosen: boolean;
}): JSX.Element {
  const { id, summary, isDiscovered } = operation;
  return (
    <NavLink
      component={Link}
      href={addressOf(operation)}
      active={isChosen}
      aria-current={isChosen ? 'page' : undefined}
      classNames={{ description: styles.linkDescription }}
      label={
        <Group gap="xs" className="wrap-anywhere">
          {id}
          {isDiscovered && (
            <Badge size="xs" color="grape.9" variant="filled">
              Discovered
            </Badge>
          )}
        </Group>
      }
      {...(!isDiscovered && { description: summary })}
    />
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
