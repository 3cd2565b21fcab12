import { ColorInput, ColorPicker, Group, Slider, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { fromHex, toHex } from '../../lib/led.js';
import type { Colour } from '../../lib/led.js';
import styles from './device.module.css';

const PARTS = ['Red', 'Green', 'Blue'] as const;
interface ColourFieldsProps {
  readonly value: Colour;
  readonly onChange: (value: Colour) => void;
  readonly disabled: boolean;
}

/** Chooses a colour by picker, hex value or sliders. */
export function ColourFields({ value, onChange, disabled }: ColourFieldsProps): JSX.Element {
  const hex = toHex(value);
  const take = (text: string): void => {
    const colour = fromHex(text);
    if (colour !== undefined && !disabled) onChange(colour);
  };
  return (
    <>
      <Group align="flex-start" gap="md" wrap="wrap">
        <ColorPicker
          className={styles['picker'] ?? ''}
          value={hex}
          onChange={take}
          focusable={!disabled}
          saturationLabel="Saturation and brightness"
          hueLabel="Hue"
          size="sm"
          fullWidth
        />
        <Stack gap="xs" className={styles['channels'] ?? ''}>
          <Group gap="sm" wrap="nowrap" align="flex-end">
            <HexField hex={hex} onChange={take} disabled={disabled} />
            <div
              role="img"
              aria-label={`Preview of ${hex}`}
              className={styles['preview']}
              style={{ backgroundColor: hex, boxShadow: `0 0 12px ${hex}` }}
            />
          </Group>
          {PARTS.map((part) => (
            <div key={part}>
              <Text size="sm" aria-hidden>
                {part} {value[part]}
              </Text>
              <Slider
                thumbLabel={part}
                min={0}
                max={255}
                label={null}
                value={value[part]}
                disabled={disabled}
                onChange={(number) => onChange({ ...value, [part]: number })}
              />
            </div>
          ))}
        </Stack>
      </Group>
    </>
  );
}

interface HexFieldProps {
  readonly hex: string;
  readonly onChange: (text: string) => void;
  readonly disabled: boolean;
}

/** Keeps the typed text until it is a valid colour. */
function HexField({ hex, onChange, disabled }: HexFieldProps): JSX.Element {
  const [text, setText] = useState(hex);
  useEffect(() => setText(hex), [hex]);
  return (
    <ColorInput
      label="Colour"
      value={text}
      disabled={disabled}
      withPicker={false}
      withEyeDropper={false}
      onChange={(typed) => {
        setText(typed);
        onChange(typed);
      }}
      flex={1}
    />
  );
}
