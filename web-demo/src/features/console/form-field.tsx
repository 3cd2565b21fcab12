import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { fieldKind } from './form-kind.js';
import {
  ChoiceInput,
  DeviceInput,
  FlagInput,
  JsonInput,
  NumberInput,
  TextInput,
  TextsInput,
} from './form-inputs.js';
import { isObject, objectBelow, textBelow } from './json.js';
import type { JsonObject } from './json.js';
import { Prose } from './prose.js';
import styles from './console.module.css';

export interface FieldProps {
  readonly id: string;
  /** Of the argument; empty for the whole form. */
  readonly name: string;
  readonly path: readonly string[];
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  readonly value: unknown;
  /** By path, its parts joined by dots. */
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (value: unknown) => void;
}

/** The field of one argument, whatever its kind. */
export function FormField(props: FieldProps): JSX.Element {
  const { schema, name } = props;
  switch (fieldKind(schema, name)) {
    case 'object':
      return <ObjectField {...props} />;
    case 'list':
      return <ListField {...props} />;
    case 'choice':
      return <ChoiceInput {...props} />;
    case 'device':
      return <DeviceInput {...props} />;
    case 'number':
      return <NumberInput {...props} />;
    case 'flag':
      return <FlagInput {...props} />;
    case 'text':
      return <TextInput {...props} />;
    case 'texts':
      return <TextsInput {...props} />;
    case 'json':
      return <JsonInput {...props} />;
  }
}

function ObjectField(props: FieldProps): JSX.Element {
  const { id, name, path, schema, isRequired, value, faults, onChange } = props;
  const data = isObject(value) ? value : {};
  const required = requiredOf(schema);
  const fields = Object.entries(objectBelow(schema, 'properties')).map(([key, each]) => (
    <FormField
      key={key}
      id={`${id}-${key}`}
      name={key}
      path={[...path, key]}
      schema={isObject(each) ? each : {}}
      isRequired={required.includes(key)}
      value={data[key]}
      faults={faults}
      onChange={(changed) => onChange({ ...data, [key]: changed })}
    />
  ));
  if (path.length === 0) return <div className={styles['stack']}>{fields}</div>;
  return (
    <fieldset className={styles['group']}>
      <legend>{labelOf(name, schema, isRequired)}</legend>
      <Description schema={schema} />
      <div className={styles['fields']}>{fields}</div>
      <Fault faults={faults} path={path} />
    </fieldset>
  );
}

/** A list of objects. */
function ListField(props: FieldProps): JSX.Element {
  const { id, name, path, schema, isRequired, value, faults, onChange } = props;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return (
    <fieldset className={styles['group']}>
      <legend>{labelOf(name, schema, isRequired)}</legend>
      <Description schema={schema} />
      {entries.map((entry, index) => (
        // An entry has no identity but its place.
        <div key={index} className={styles['entry']}>
          <FormField
            id={`${id}-${index}`}
            name={`${name} ${index + 1}`}
            path={[...path, String(index)]}
            schema={objectBelow(schema, 'items')}
            isRequired
            value={entry}
            faults={faults}
            onChange={(changed) => onChange(entries.with(index, changed))}
          />
          <Button
            look="plain"
            aria-label={`Remove number ${index + 1}`}
            onClick={() => onChange(entries.toSpliced(index, 1))}
          >
            Remove
          </Button>
        </div>
      ))}
      <Fault faults={faults} path={path} />
      <Button onClick={() => onChange([...entries, {}])}>Add to {name}</Button>
    </fieldset>
  );
}

export function requiredOf(schema: JsonObject): readonly unknown[] {
  return Array.isArray(schema['required']) ? schema['required'] : [];
}

export function labelOf(name: string, schema: JsonObject, isRequired: boolean): string {
  const title = textBelow(schema, 'title') || name;
  return isRequired ? `${title} *` : title;
}

export function Description({
  schema,
  id,
}: {
  readonly schema: JsonObject;
  readonly id?: string;
}): JSX.Element | null {
  const text = textBelow(schema, 'description');
  if (text === '') return null;
  return (
    <p id={id} className={styles['hint']}>
      <Prose text={text} />
    </p>
  );
}

function Fault({ faults, path }: Pick<FieldProps, 'faults' | 'path'>): JSX.Element | null {
  const fault = faults.get(path.join('.'));
  return fault === undefined ? null : (
    <p role="alert" className={styles['fault']}>
      {fault}
    </p>
  );
}
