import { JsonInput, TagsInput } from '@mantine/core';
import type { FieldProps, RegistryFieldsType } from '@rjsf/utils';
import { useState } from 'react';
import type { JSX } from 'react';
import { Prose } from './prose.js';

type Props = FieldProps<unknown>;

/** Any JSON: free objects, lists of numbers, and schemas without a form of their own. */
function JsonField(props: Props): JSX.Element {
  const { formData, onChange, fieldPathId, schema } = props;
  const [text, setText] = useState(() => shown(formData));
  // Keeps the typed text until the data is changed by something else.
  const isOwn = JSON.stringify(dataOf(text)) === JSON.stringify(formData);
  const isBroken = isOwn && text.trim() !== '' && parsed(text) === undefined;
  const warning = schema.type === undefined ? 'This is not JSON: it goes as text.' : 'This is not JSON yet.';
  return (
    <JsonInput
      {...commonOf(props)}
      error={isBroken ? warning : props.rawErrors?.join(' ')}
      autosize
      minRows={2}
      maxRows={12}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      value={isOwn ? text : shown(formData)}
      onChange={(changed) => {
        setText(changed);
        onChange(dataOf(changed), fieldPathId.path);
      }}
    />
  );
}

/** Text that is not JSON is passed on as text, so that validation can report it. */
function dataOf(text: string): unknown {
  return text.trim() === '' ? undefined : (parsed(text) ?? text);
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  const isFlat = Array.isArray(value) && value.every((each) => typeof each !== 'object');
  return isFlat
    ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]`
    : JSON.stringify(value, null, 2);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A list of strings. */
function TagsField(props: Props): JSX.Element {
  const { formData, onChange, fieldPathId, errorSchema } = props;
  const errors = [...(props.rawErrors ?? []), ...errorsWithin(errorSchema)];
  return (
    <TagsInput
      {...commonOf(props)}
      error={errors.length > 0 ? errors.join(' ') : undefined}
      placeholder="Type and press Enter"
      acceptValueOnBlur
      value={Array.isArray(formData) ? formData.filter((each) => typeof each === 'string') : []}
      onChange={(tags) => onChange(tags, fieldPathId.path)}
    />
  );
}

function errorsWithin(errors: unknown): string[] {
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.values(errors).flatMap((each: unknown) =>
    typeof each === 'object' && each !== null && '__errors' in each && Array.isArray(each.__errors)
      ? each.__errors.map(String)
      : [],
  );
}

function commonOf({ fieldPathId, schema, name, required }: Props): {
  readonly id: string;
  readonly label: string;
  readonly required: boolean;
  readonly description: JSX.Element | undefined;
} {
  return {
    id: fieldPathId.$id,
    label: schema.title ?? name,
    required: required === true,
    description: schema.description === undefined ? undefined : <Prose text={schema.description} />,
  };
}

export const fields: RegistryFieldsType<unknown> = { json: JsonField, tags: TagsField };
