import { useId, useMemo, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { FormField } from './form-field.js';
import { isObject } from './json.js';
import type { JsonObject } from './json.js';
import { pruned } from './request.js';
import { violationsOf } from './violations.js';
import styles from './console.module.css';

interface SchemaFormProps {
  /** A simplified schema. */
  readonly schema: JsonObject;
  readonly data: JsonObject;
  readonly onChange: (data: JsonObject) => void;
  /** Called only with data that is valid. */
  readonly onSubmit: () => void;
  /** Rendered below the fields. */
  readonly children: ReactNode;
}

/** A form for the arguments of a command. It tells faults after the first try to send, and on every change then. */
export function SchemaForm({ schema, data, onChange, onSubmit, children }: SchemaFormProps): JSX.Element {
  const [wasTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const faults = useMemo(
    () =>
      new Map(
        violationsOf(pruned(data, schema) ?? {}, schema).map(({ path, message }) => [
          path.join('.'),
          message,
        ]),
      ),
    [data, schema],
  );
  const submit = (): void => {
    if (faults.size === 0) return onSubmit();
    setTried(true);
    // After the faults are drawn.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  return (
    <form
      ref={form}
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        submit();
      }}
    >
      <FormField
        id={id}
        name=""
        path={[]}
        schema={schema}
        isRequired
        value={data}
        faults={wasTried ? faults : NO_FAULTS}
        onChange={(changed) => onChange(isObject(changed) ? changed : {})}
      />
      {children}
    </form>
  );
}

const NO_FAULTS: ReadonlyMap<string, string> = new Map();
