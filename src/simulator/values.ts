/** The specification's shared value objects. */
import type { z } from 'zod';
import type { printableByteArray, vector3, version as versionSchema } from '../catalog/rcsp/fields.js';
import type { Random } from './random.js';

export type Version = z.infer<typeof versionSchema>;
export type Vector = z.infer<typeof vector3>;
export type Bytes = z.infer<typeof printableByteArray>;

type Row = [number, number, number];
/** `rcsp_3x3_mat` */
export type Matrix = [Row, Row, Row];

export function version(Major: number, Minor: number, Patch: number, Build = 0): Version {
  return { Major, Minor, Patch, Build };
}

export function raisePatch(old: Version): Version {
  return { ...old, Patch: (old.Patch ?? 0) + 1 };
}

/** Encodes text. */
export function textBytes(text: string): Bytes {
  return { Raw: [...Buffer.from(text)], Str: text };
}

/** Encodes binary data, shown in hexadecimal. */
export function rawBytes(random: Random, length: number): Bytes {
  const bytes = Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
  return { Raw: [...bytes], Str: `0x${bytes.toString('hex')}` };
}

/** Returns a measured value with `digits` decimal places. */
export function measured(random: Random, middle: number, spread: number, digits = 4): number {
  return Number(random.between(middle - spread, middle + spread).toFixed(digits));
}

export function vector(random: Random, middle: Vector, spread: number): Vector {
  return {
    X: measured(random, middle.X, spread),
    Y: measured(random, middle.Y, spread),
    Z: measured(random, middle.Z, spread),
  };
}

export function matrix(random: Random, spread: number): Matrix {
  const value = (): number => measured(random, 0, spread);
  const row = (): Row => [value(), value(), value()];
  return [row(), row(), row()];
}
