/** Colour and behaviour of a device's LEDs. Neither can be read back: only what this page sent is known. */
import { useState } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import fields from '../../components/field.module.css';
import { fromHex, RING, sendColour, toHex } from '../../lib/led.js';
import type { Colour } from '../../lib/led.js';
import { useLedColour } from '../../lib/led-memory.js';
import { ColourFields } from './colour-fields.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Failure, Section } from './section.js';
import { useSending } from './use-setting.js';

export function LightSection({ offer }: { readonly offer: ReadonlySet<string> }): JSX.Element {
  return (
    <Section title="Light">
      {offer.has('SetColorLed') && <LedColour />}
      {offer.has('SetLedBehavior') && <LedBehaviour />}
    </Section>
  );
}

const STATUS = 'StatusLed';
const SWATCHES = [
  ['#ff0000', 'Red'],
  ['#ff8000', 'Orange'],
  ['#ffff00', 'Yellow'],
  ['#00ff00', 'Green'],
  ['#00ffff', 'Cyan'],
  ['#0000ff', 'Blue'],
  ['#ff00ff', 'Magenta'],
  ['#ffffff', 'White'],
  ['#000000', 'Off'],
] as const;
const WHITE: Colour = { Red: 255, Green: 255, Blue: 255 };

function LedColour(): JSX.Element {
  const { id, blocked } = useDeviceScope();
  const [LedId, setLed] = useState(RING);
  const last = useLedColour(id);
  const [edited, setColour] = useState<Colour>();
  const colour = edited ?? fromHex(last ?? '') ?? WHITE;
  const sending = useSending(sendColour);
  const set = (value: Colour): void => {
    setColour(value);
    if (LedId !== '') sending.mutate({ LedId, ...value });
  };
  const isOff = blocked !== undefined || LedId === '';
  const { variables } = sending;
  return (
    <Section
      title="LED colour"
      hint={last === undefined ? 'The device does not tell its colour.' : `Last set here: ${last}`}
      isInner
    >
      <LedChoice value={LedId} onChange={setLed} />
      <div role="group" aria-label="Colours" className={styles['swatches']}>
        {SWATCHES.map(([hex, label]) => (
          <button
            key={hex}
            type="button"
            title={label}
            aria-label={label}
            aria-pressed={last === hex}
            disabled={isOff || sending.isPending}
            style={{ backgroundColor: hex }}
            onClick={() => set(fromHex(hex) ?? WHITE)}
          />
        ))}
      </div>
      <details className={styles['fold']}>
        <summary>Any colour</summary>
        <ColourFields value={colour} onChange={setColour} disabled={blocked !== undefined} />
        <Button look="primary" isBusy={sending.isPending} disabled={isOff} onClick={() => set(colour)}>
          Set colour
        </Button>
      </details>
      <div className={styles['saved']}>
        <span role="status">
          {blocked ??
            (sending.isSuccess && variables !== undefined
              ? `${variables.LedId} is ${toHex(variables)} now.`
              : '')}
        </span>
      </div>
      {sending.error !== null && <Failure error={sending.error} onClose={sending.reset} />}
    </Section>
  );
}

function LedBehaviour(): JSX.Element {
  const { blocked } = useDeviceScope();
  const [LedId, setLed] = useState(STATUS);
  const sending = useSending((client, DeviceId, value: { LedId: string; BehaviorType: 'On' | 'Off' }) =>
    client.call('SetLedBehavior', { DeviceId, ...value }),
  );
  const { variables } = sending;
  const button = (BehaviorType: 'On' | 'Off'): JSX.Element => (
    <Button
      isBusy={sending.isPending}
      disabled={blocked !== undefined || LedId === ''}
      onClick={() => sending.mutate({ LedId, BehaviorType })}
    >
      {BehaviorType === 'On' ? 'Switch on' : 'Switch off'}
    </Button>
  );
  const confirmation =
    variables === undefined ? '' : `${variables.LedId} is ${variables.BehaviorType.toLowerCase()} now.`;
  return (
    <Section title="LED behaviour" hint="For LEDs that are on or off rather than coloured." isInner>
      <LedChoice value={LedId} onChange={setLed} />
      <div className={styles['row']}>
        {button('On')}
        {button('Off')}
        <span role="status">{blocked ?? (sending.isSuccess ? confirmation : '')}</span>
      </div>
      {sending.error !== null && <Failure error={sending.error} onClose={sending.reset} />}
    </Section>
  );
}

interface LedChoiceProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The LEDs that the specification names, and any other. */
function LedChoice({ value, onChange }: LedChoiceProps): JSX.Element {
  const [isOther, setOther] = useState(value !== RING && value !== STATUS);
  return (
    <div className={styles['row']}>
      <div role="group" aria-label="LED" className={styles['choice']}>
        {[RING, STATUS].map((led) => (
          <button
            key={led}
            type="button"
            aria-pressed={!isOther && value === led}
            onClick={() => {
              setOther(false);
              onChange(led);
            }}
          >
            {led}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={isOther}
          onClick={() => {
            setOther(true);
            onChange('');
          }}
        >
          Other…
        </button>
      </div>
      {isOther && (
        <input
          className={fields['input']}
          aria-label="Name of the LED"
          autoFocus
          autoComplete="off"
          value={value}
          style={{ maxWidth: '14rem' }}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </div>
  );
}
