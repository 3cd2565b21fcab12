import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import type { RegistryWidgetsType, WidgetProps } from '@rjsf/utils';
import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { listedTitle } from '../../lib/device-title.js';
import { useDevices } from '../../lib/studio.js';
import { Prose } from './prose.js';

type Props = WidgetProps<unknown>;

interface CommonProps {
  readonly id: string;
  readonly label: string;
  readonly description: ReactNode;
  readonly required: boolean;
  readonly error: ReactNode;
}

function commonOf({ id, label, required, schema, rawErrors }: Props): CommonProps {
  return {
    id,
    label,
    required: required === true,
    description: schema.description === undefined ? undefined : <Prose text={schema.description} />,
    error: rawErrors?.join(' '),
  };
}

function TextWidget(props: Props): JSX.Element {
  const value: unknown = props.value;
  return (
    <TextInput
      {...commonOf(props)}
      autoComplete="off"
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget }) =>
        props.onChange(currentTarget.value === '' ? undefined : currentTarget.value)
      }
    />
  );
}

function NumberWidget(props: Props): JSX.Element {
  const value: unknown = props.value;
  return (
    <NumberInput
      {...commonOf(props)}
      hideControls
      allowDecimal={props.schema.type !== 'integer'}
      value={typeof value === 'number' || typeof value === 'string' ? value : ''}
      onChange={(changed) => props.onChange(changed)}
    />
  );
}

function CheckboxWidget(props: Props): JSX.Element {
  const { required: _, ...common } = commonOf(props);
  return (
    <Checkbox
      {...common}
      checked={props.value === true}
      onChange={({ currentTarget }) => props.onChange(currentTarget.checked)}
    />
  );
}

/** Options are identified by index: their values may be of any type. */
function SelectWidget(props: Props): JSX.Element {
  const choices = props.options.enumOptions ?? [];
  const chosen = choices.findIndex(({ value }) => value === props.value);
  return (
    <Select
      {...commonOf(props)}
      data={choices.map(({ label }, index) => ({ value: String(index), label }))}
      value={chosen < 0 ? null : String(chosen)}
      clearable={props.required !== true}
      onChange={(index) => props.onChange(index === null ? '' : choices[Number(index)]?.value)}
    />
  );
}

/** A known device; any other number can be typed. */
function DeviceWidget(props: Props): JSX.Element {
  const [search, setSearch] = useState('');
  const devices = useDevices() ?? [];
  const value: unknown = props.value;
  const known = new Map(devices.map((device) => [String(device.id), listedTitle(device)]));
  for (const other of [typeof value === 'number' ? String(value) : '', search.trim()]) {
    if (/^-?\d+$/.test(other) && !known.has(other)) known.set(other, `${other} (not known)`);
  }
  return (
    <Select
      {...commonOf(props)}
      searchable
      selectFirstOptionOnChange
      autoSelectOnBlur
      allowDeselect={false}
      clearable={props.required !== true}
      data={[...known].map(([id, label]) => ({ value: id, label }))}
      value={typeof value === 'number' ? String(value) : null}
      onSearchChange={setSearch}
      nothingFoundMessage="No such device"
      onChange={(id) => props.onChange(id === null ? '' : Number(id))}
    />
  );
}

export const widgets: RegistryWidgetsType<unknown> = {
  TextWidget,
  SelectWidget,
  CheckboxWidget,
  number: NumberWidget,
  device: DeviceWidget,
};
