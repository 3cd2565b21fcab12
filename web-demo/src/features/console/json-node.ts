/** A JSON value as a node of a tree. Pure. */
import { isObject } from './json.js';

export interface JsonNode {
  /** What stands on one line. */
  readonly text: string;
  readonly type: string;
  /** What is folded below it; undefined for a plain value. */
  readonly children: readonly (readonly [key: string, value: unknown])[] | undefined;
  /** Whether the line already says what is below: that stays folded. */
  readonly isWhole: boolean;
}

const VERSION_KEYS = ['Major', 'Minor', 'Patch', 'Build'];
/** Bytes of a folded pair that are shown. */
const MAX_BYTES = 64;

export function nodeOf(value: unknown): JsonNode {
  if (Array.isArray(value)) {
    const children = value.map((each: unknown, index) => [String(index), each] as const);
    const count = `${value.length} ${value.length === 1 ? 'item' : 'items'}`;
    return { text: '', type: `list, ${count}`, children, isWhole: value.length === 0 };
  }
  if (!isObject(value)) {
    return { text: JSON.stringify(value), type: typeOf(value), children: undefined, isWhole: true };
  }
  const children = Object.entries(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined) {
    const { raw, text } = bytes;
    const hex = raw.slice(0, MAX_BYTES).map((byte) => byte.toString(16).padStart(2, '0'));
    const more = raw.length > MAX_BYTES ? ' …' : '';
    return {
      text: JSON.stringify(text),
      type: `text of ${raw.length} ${raw.length === 1 ? 'byte' : 'bytes'}`,
      children: [['Raw', `${hex.join(' ')}${more}`]],
      isWhole: true,
    };
  }
  const version = versionOf(value);
  if (version !== undefined) return { text: version, type: 'version', children, isWhole: true };
  const count = `${children.length} ${children.length === 1 ? 'field' : 'fields'}`;
  return { text: '', type: `object, ${count}`, children, isWhole: children.length === 0 };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' ? 'text' : typeof value;
}

/** `{Raw: [bytes], Str: text}`: RCSP's bytes that may be text. */
function bytesOf(
  value: Readonly<Record<string, unknown>>,
): { readonly raw: readonly number[]; readonly text: string } | undefined {
  const { Raw: raw, Str: text } = value;
  if (typeof text !== 'string' || !Array.isArray(raw) || Object.keys(value).length !== 2) return undefined;
  return raw.every((byte) => typeof byte === 'number') ? { raw, text } : undefined;
}

/** `{Major, Minor, Patch, Build}`: `3.2.7`. */
function versionOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const isVersion =
    'Major' in value && 'Minor' in value && Object.keys(value).every((key) => VERSION_KEYS.includes(key));
  if (!isVersion) return undefined;
  const parts = VERSION_KEYS.map((key) => value[key]).filter((part) => part != null);
  return parts.every((part) => typeof part === 'number') ? parts.join('.') : undefined;
}
