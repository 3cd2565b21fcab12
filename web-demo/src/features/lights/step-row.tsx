import { Button, Group, NativeSelect, NumberInput } from '@mantine/core';
import type { JSX } from 'react';
import { parametersOf, REGISTERS, withRegister } from './light.js';
import type { Step } from './light.js';

interface StepRowProps {
  readonly step: Step;
  readonly number: number;
  readonly onChange: (step: Step) => void;
  readonly onRemove: () => void;
  /** Undefined for the first one. */
  readonly onUp: (() => void) | undefined;
}

const REGISTER_OPTIONS = Object.entries(REGISTERS).map(([value, { label }]) => ({ value, label }));
const DRIVE_OPTIONS = [
  { value: 'single', label: 'single' },
  { value: 'continuous', label: 'continuous' },
];
const ON_OPTIONS = ['on', 'off'];

/** One step: its register, and what that takes. */
export function StepRow({ step, number, onChange, onRemove, onUp }: StepRowProps): JSX.Element {
  const has = (name: ReturnType<typeof parametersOf>[number]): boolean =>
    parametersOf(step.register).includes(name);
  return (
    <Group gap="xs" align="flex-end" role="group" aria-label={`Step ${number}`}>
      <NativeSelect
        size="xs"
        label={`Step ${number}`}
        data={REGISTER_OPTIONS}
        value={step.register}
        onChange={({ currentTarget }) => onChange(withRegister(step, currentTarget.value))}
      />
      {has('power') && (
        <Whole
          label="Power, %"
          max={100}
          value={step.power}
          onChange={(power) => onChange({ ...step, power })}
        />
      )}
      {has('shutterMs') && (
        <Whole
          label="Shutter, ms"
          max={109}
          value={step.shutterMs}
          onChange={(shutterMs) => onChange({ ...step, shutterMs })}
        />
      )}
      {has('drive') && (
        <NativeSelect
          size="xs"
          label="Drive"
          data={DRIVE_OPTIONS}
          value={step.drive ?? 'single'}
          onChange={({ currentTarget }) =>
            onChange({ ...step, drive: currentTarget.value === 'continuous' ? 'continuous' : 'single' })
          }
        />
      )}
      {has('on') && (
        <NativeSelect
          size="xs"
          label="State"
          data={ON_OPTIONS}
          value={step.on === false ? 'off' : 'on'}
          onChange={({ currentTarget }) => onChange({ ...step, on: currentTarget.value === 'on' })}
        />
      )}
      <Button
        size="xs"
        variant="default"
        onClick={onUp}
        disabled={onUp === undefined}
        aria-label={`Move step ${number} up`}
      >
        Up
      </Button>
      <Button size="xs" variant="default" onClick={onRemove} aria-label={`Remove step ${number}`}>
        Remove
      </Button>
    </Group>
  );
}

interface WholeProps {
  readonly label: string;
  readonly max: number;
  readonly value: number | undefined;
  readonly onChange: (value: number) => void;
}

function Whole({ label, max, value = 0, onChange }: WholeProps): JSX.Element {
  return (
    <NumberInput
      size="xs"
      w="6rem"
      label={label}
      min={0}
      max={max}
      clampBehavior="strict"
      allowDecimal={false}
      value={value}
      onChange={(chosen) => onChange(Number(chosen))}
    />
  );
}
