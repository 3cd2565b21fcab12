/**
 * The description of a command. Its routes, their validation, the OpenAPI operation, the policy and the simulator's
 * default answer are derived from it.
 */
import type { z } from 'zod';

/** The scope that a caller needs: `read` < `control` < `admin`. */
export type Scope = 'read' | 'control' | 'admin';

/**
 * The connections that carry a command. `quick` commands answer in milliseconds. `slow` ones may occupy their
 * connection for seconds and never share one with quick commands. `events` is the connection that carries events.
 */
export type Lane = 'quick' | 'slow' | 'events';

export interface Policy {
  readonly scope: Scope;
  readonly lane: Lane;
  /** The default timeout, in milliseconds. */
  readonly timeoutMs: number;
  /** Identical commands in flight are shared, and a lost one is sent once more. */
  readonly repeatable: boolean;
  /** Continues after its answer and reports by events that name no device: runs one at a time, as a job. */
  readonly isJob?: true;
}

/** Groups of the API's documentation, in the order in which they are shown. */
export const TAGS = {
  Studio: 'The RCSP server itself: what it is, what it can do, stopping it.',
  Devices: 'Which devices are there, what they are, their names and frame rates.',
  Calibration: 'Poses, magnetometer offsets, EMF channels, self tests, post-processing.',
  Network: "A device's Wi-Fi: settings, scan, start.",
  Firmware: 'Firmware of devices, their sensors and Wi-Fi modules.',
  LEDs: 'Colour and behaviour of the LEDs.',
  Recording: 'JSON data kept inside a recording.',
  Events: 'What the studio publishes, and what the gateway holds a subscription to.',
  Commands: 'Any command by its name, also those that no route is made for.',
} as const;
export type Tag = keyof typeof TAGS;

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** An OpenAPI path template, `/v1/devices/{DeviceId}/name`; its parameters are arguments of the command. */
  readonly path: string;
  /** Required for a command's second route; the first route uses the command's name. */
  readonly operationId?: string;
  readonly summary?: string;
}

export type ArgumentsSchema = z.ZodObject;
export type ResponseSchema = z.ZodObject;

export interface CommandDefinition {
  /** RCSP's `Command`. */
  readonly name: string;
  /** Position in the specification's list, which documents follow. Commands without one come last. */
  readonly specOrder?: number;
  /** The newest version known here; sent when the server lists it, 1 otherwise. */
  readonly version: number;
  /** Device commands take a `DeviceId` and are listed by `ListDeviceCommands`. */
  readonly target: 'server' | 'device';
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** `Arguments`, a loose object: unknown fields pass. Without keys it is sent as `null`. */
  readonly arguments: ArgumentsSchema;
  /** `Response` on success; null for `rcsp_response_ok`. */
  readonly response: ResponseSchema | null;
  /** Shown in the documentation. */
  readonly example: {
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly response: Readonly<Record<string, unknown>> | null;
  };
  readonly policy: Policy;
  readonly routes: readonly [HttpRoute, ...HttpRoute[]];
}

/** Checks a command's shape and keeps its literal types. */
export function defineCommand<const T extends CommandDefinition>(command: T): T {
  return command;
}
