import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { listedTitle } from '../../lib/device-title.js';
import { useDevices } from '../../lib/studio.js';
import { dataOf, numberOf, parsed, shown } from './form-text.js';
import { textBelow } from './json.js';
import type { JsonObject } from './json.js';
import { Prose } from './prose.js';
import styles from './console.module.css';

interface InputProps {
  readonly id: string;
  readonly name: string;
  readonly path: readonly string[];
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  readonly value: unknown;
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (value: unknown) => void;
}

/** What every input of the form has in common. */
interface Common {
  readonly id: string;
  readonly className: string | undefined;
  readonly 'aria-required': boolean;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
}

function commonOf({ id, schema, isRequired }: InputProps, fault: string | undefined): Common {
  const described = [
    ...(textBelow(schema, 'description') === '' ? [] : [`${id}-about`]),
    ...(fault === undefined ? [] : [`${id}-fault`]),
  ];
  return {
    id,
    className: styles['input'],
    'aria-required': isRequired,
    'aria-invalid': fault !== undefined,
    'aria-describedby': described.length === 0 ? undefined : described.join(' '),
  };
}

/** Its own fault, and those of what it holds. */
function faultOf({ path, faults }: InputProps): string | undefined {
  const own = path.join('.');
  const found = [...faults].filter(([at]) => at === own || at.startsWith(`${own}.`));
  return found.length === 0 ? undefined : found.map(([, fault]) => fault).join(' ');
}

interface LabelledProps {
  readonly input: InputProps;
  readonly fault: string | undefined;
  readonly children: ReactNode;
}

function Labelled({ input: { id, name, schema, isRequired }, fault, children }: LabelledProps): JSX.Element {
  const description = textBelow(schema, 'description');
  return (
    <div className={styles['field']}>
      <label htmlFor={id}>
        {textBelow(schema, 'title') || name}
        {isRequired && <span aria-hidden> *</span>}
      </label>
      {children}
      {description !== '' && (
        <p id={`${id}-about`} className={styles['hint']}>
          <Prose text={description} />
        </p>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} role="alert" className={styles['fault']}>
          {fault}
        </p>
      )}
    </div>
  );
}

export function TextInput(props: InputProps): JSX.Element {
  const fault = faultOf(props);
  const { value, onChange } = props;
  return (
    <Labelled input={props} fault={fault}>
      <input
        {...commonOf(props, fault)}
        autoComplete="off"
        value={typeof value === 'string' ? value : ''}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === '' ? undefined : currentTarget.value)
        }
      />
    </Labelled>
  );
}

/** What is no number stays as text, so that its fault is told. */
export function NumberInput(props: InputProps): JSX.Element {
  const { value, onChange } = props;
  const fault = faultOf(props);
  const [text, setText] = useState(() => shownNumber(value));
  // Keeps the typed text until the value is changed by something else.
  const isOwn = numberOf(text) === value;
  return (
    <Labelled input={props} fault={fault}>
      <input
        {...commonOf(props, fault)}
        inputMode="decimal"
        autoComplete="off"
        value={isOwn ? text : shownNumber(value)}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          onChange(numberOf(currentTarget.value));
        }}
      />
    </Labelled>
  );
}

function shownNumber(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

export function FlagInput(props: InputProps): JSX.Element {
  const { id, name, schema, value, onChange } = props;
  const fault = faultOf(props);
  const description = textBelow(schema, 'description');
  const { className: _, ...common } = commonOf(props, fault);
  return (
    <div className={styles['field']}>
      <label className={styles['flag']}>
        <input
          type="checkbox"
          {...common}
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        {textBelow(schema, 'title') || name}
      </label>
      {description !== '' && (
        <p id={`${id}-about`} className={styles['hint']}>
          <Prose text={description} />
        </p>
      )}
    </div>
  );
}

/** Options are identified by their place: their values may be of any type. */
export function ChoiceInput(props: InputProps): JSX.Element {
  const { schema, value, onChange } = props;
  const fault = faultOf(props);
  const options: readonly unknown[] = Array.isArray(schema['enum']) ? schema['enum'] : [];
  const chosen = options.indexOf(value);
  return (
    <Labelled input={props} fault={fault}>
      <select
        {...commonOf(props, fault)}
        value={chosen < 0 ? '' : String(chosen)}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === '' ? undefined : options[Number(currentTarget.value)])
        }
      >
        <option value="" />
        {options.map((option, index) => (
          <option key={String(option)} value={index}>
            {String(option)}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

const OTHER = 'other';

/** A known device, or any other number. */
export function DeviceInput(props: InputProps): JSX.Element {
  const { value, isRequired, onChange } = props;
  const devices = useDevices() ?? [];
  const isKnown = devices.some(({ id }) => id === value);
  const [isOther, setOther] = useState(false);
  const fault = faultOf(props);
  const isTyped = isOther || (value !== undefined && !isKnown);
  return (
    <>
      <Labelled input={props} fault={isTyped ? undefined : fault}>
        <select
          {...commonOf(props, isTyped ? undefined : fault)}
          value={isTyped ? OTHER : typeof value === 'number' ? value : ''}
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.value;
            setOther(chosen === OTHER);
            onChange(chosen === OTHER || chosen === '' ? undefined : Number(chosen));
          }}
        >
          {(!isRequired || value === undefined) && <option value="" />}
          {devices.map((device) => (
            <option key={device.id} value={device.id}>
              {listedTitle(device)}
            </option>
          ))}
          <option value={OTHER}>Another number…</option>
        </select>
      </Labelled>
      {isTyped && (
        <NumberInput {...props} id={`${props.id}-other`} name="Number of the device" schema={ANY_NUMBER} />
      )}
    </>
  );
}

const ANY_NUMBER: JsonObject = { type: 'integer' };

/** A list of texts: Enter, or leaving the field, adds what is typed. */
export function TextsInput(props: InputProps): JSX.Element {
  const { name, value, onChange } = props;
  const [text, setText] = useState('');
  const fault = faultOf(props);
  const texts = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  const add = (): void => {
    if (text.trim() === '') return;
    onChange([...texts, text.trim()]);
    setText('');
  };
  return (
    <Labelled input={props} fault={fault}>
      <div className={styles['texts']}>
        {texts.map((each, index) => (
          <span key={`${index} ${each}`} className={styles['chip']}>
            {each}
            <button
              type="button"
              aria-label={`Remove ${each} from ${name}`}
              onClick={() => onChange(texts.toSpliced(index, 1))}
            >
              ✕
            </button>
          </span>
        ))}
        <input
          {...commonOf(props, fault)}
          autoComplete="off"
          placeholder="Type and press Enter"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            add();
          }}
        />
      </div>
    </Labelled>
  );
}

/** Any JSON: free objects, lists of numbers, and schemas without a field of their own. */
export function JsonInput(props: InputProps): JSX.Element {
  const { schema, value, onChange } = props;
  const [text, setText] = useState(() => shown(value));
  // Keeps the typed text until the value is changed by something else.
  const isOwn = JSON.stringify(dataOf(text)) === JSON.stringify(value);
  const isBroken = isOwn && text.trim() !== '' && parsed(text) === undefined;
  const warning =
    schema['type'] === undefined ? 'This is not JSON: it goes as text.' : 'This is not JSON yet.';
  const fault = isBroken ? warning : faultOf(props);
  const shownText = isOwn ? text : shown(value);
  return (
    <Labelled input={props} fault={fault}>
      <textarea
        {...commonOf(props, fault)}
        rows={Math.min(12, Math.max(2, shownText.split('\n').length))}
        spellCheck={false}
        value={shownText}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          onChange(dataOf(currentTarget.value));
        }}
      />
    </Labelled>
  );
}
