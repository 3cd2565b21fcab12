/** What can be asked of a light array. Typed: nothing of a user reaches the node's shell but `RunLightShell`. */
import { z } from 'zod';
import type { Policy, Scope } from '../../catalog/define.js';
import type { ScriptStep } from './command-slot.js';
import type { Sequence, Step } from './light-registers.js';
import { loadScript, runScript, shellScript } from './light-script.js';

const LIGHT_MS = 10_000;
/** A sequence waits for cameras: the least that a run may take, and what each of its steps may. */
const RUN_MS = 120_000;
export const STEP_MS = 10_000;
const SHELL_MS = 30_000;
/** Characters of a shell command; its message stays below 16 kB. */
const MAX_SHELL = 4000;

function policy(timeoutMs: number, scope: Scope = 'control'): Policy {
  return { scope, lane: 'quick', timeoutMs, repeatable: false };
}

export const LIGHT_POLICIES = {
  SetModelLight: policy(LIGHT_MS),
  SetLightFan: policy(LIGHT_MS),
  SetLightPolarizer: policy(LIGHT_MS),
  SetLightSequence: policy(LIGHT_MS),
  RunLightSequence: policy(RUN_MS),
  RunLightShell: policy(SHELL_MS, 'admin'),
} as const;

export type LightCommand = keyof typeof LIGHT_POLICIES;

export function isLightCommand(name: string): name is LightCommand {
  return Object.hasOwn(LIGHT_POLICIES, name);
}

export const modelLight = z.strictObject({
  power: z.int().min(0).max(100).describe('Per cent of full power; 0 is off.'),
});
export const onOff = z.strictObject({ on: z.boolean().describe('On or off.') });
export const shellCommand = z.strictObject({
  command: z
    .string()
    .min(1)
    .max(MAX_SHELL)
    .regex(/^[^\0]*$/, 'must not hold a NUL')
    .describe("For the node's shell."),
});

/** Loads a sequence. boardio answers with BOARDIO_READY or BOARDIO_ERROR. */
export function loadStep(loaded: Sequence): ScriptStep {
  return { script: loadScript(loaded), until: 'ready', expects: ['ready'] };
}

/** Runs what is loaded, to its end. */
export function runStep(): ScriptStep {
  return { script: runScript(), until: 'complete', expects: ['ready', 'complete'] };
}

/** Sets one register, by a sequence of one row; it is not waited for to its end. */
export function registerSteps(only: Step): readonly ScriptStep[] {
  return [loadStep({ steps: [only], standalone: false }), { ...runStep(), until: 'ready' }];
}

export function shellStep(command: string): ScriptStep {
  return { script: shellScript(command), until: 'output', expects: [], mayFail: true };
}
