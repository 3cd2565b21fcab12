/** Runs the commands of light arrays. */
import { z } from 'zod';
import type { Answer, CommandInvocation } from '../../catalog/execute.js';
import { GatewayError } from '../../errors/errors.js';
import {
  isLightCommand,
  STEP_MS,
  LIGHT_POLICIES,
  loadStep,
  modelLight,
  onOff,
  registerSteps,
  runStep,
  shellCommand,
  shellStep,
} from './light-commands.js';
import type { LightCommand } from './light-commands.js';
import type { LightNode } from './light-node.js';
import { sequence } from './light-registers.js';
import type { LightsState } from './lights-state.js';

export interface LightOperationsOptions {
  /** @throws GatewayError `Not found` */
  readonly nodeOf: (name: string) => LightNode;
  readonly kept: LightsState;
  readonly maxTimeoutMs: number;
  readonly onCommand: (node: string, command: LightCommand, error: unknown, durationMs: number) => void;
}

const target = z.looseObject({ node: z.string() });
const NOTHING: Answer = { response: null, bytes: undefined };

/** A long sequence may take longer than most. */
function defaultTime({ kept }: LightNode, name: LightCommand): number {
  const { timeoutMs } = LIGHT_POLICIES[name];
  const steps = name === 'RunLightSequence' ? (kept.sequence?.steps.length ?? 0) : 0;
  return Math.max(timeoutMs, steps * STEP_MS);
}

export class LightOperations {
  readonly #options: LightOperationsOptions;
  readonly #running = new Set<Promise<unknown>>();
  #isDraining = false;

  constructor(options: LightOperationsOptions) {
    this.#options = options;
  }

  get maxTimeoutMs(): number {
    return this.#options.maxTimeoutMs;
  }

  /**
   * `arguments` are the node's name, as `node`, and those of the command.
   *
   * @throws GatewayError, RejectedError; see `CommandSlot.run`
   */
  async execute({ name, arguments: args, timeoutMs }: CommandInvocation): Promise<Answer> {
    if (!isLightCommand(name)) throw new Error(`${name} is no command of light arrays`);
    if (this.#isDraining) {
      throw new GatewayError('Studio unreachable', 'The gateway is shutting down.', { outcome: 'not-sent' });
    }
    const { node: text, ...rest } = target.parse(args);
    const node = this.#options.nodeOf(text);
    const time = Math.min(timeoutMs ?? defaultTime(node, name), this.#options.maxTimeoutMs);
    const running = this.#measured(node, name, () => this.#run(node, name, rest, time));
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }

  /** Takes no new commands; resolves when those in flight are settled, after `graceMs` at the latest. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    let overdue: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (overdue = setTimeout(resolve, graceMs)));
    await Promise.race([Promise.allSettled(this.#running), late]);
    clearTimeout(overdue);
  }

  async #measured(node: LightNode, name: LightCommand, run: () => Promise<Answer>): Promise<Answer> {
    const started = performance.now();
    let failure: unknown;
    try {
      return await run();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#options.onCommand(node.name, name, failure, performance.now() - started);
    }
  }

  async #run(node: LightNode, name: LightCommand, args: unknown, time: number): Promise<Answer> {
    switch (name) {
      case 'SetModelLight':
        await node.run(registerSteps({ register: 'MODEL_LIGHT', ...modelLight.parse(args) }), time);
        return NOTHING;
      case 'SetLightFan':
        await node.run(registerSteps({ register: 'LED_FAN', ...onOff.parse(args) }), time);
        return NOTHING;
      case 'SetLightPolarizer':
        await node.run(registerSteps({ register: 'DIGITAL_POLARIZER', ...onOff.parse(args) }), time);
        return NOTHING;
      case 'SetLightSequence':
        return this.#load(node, args, time);
      case 'RunLightSequence':
        return this.#runSequence(node, time);
      case 'RunLightShell':
        return this.#shell(node, args, time);
    }
  }

  async #load(node: LightNode, args: unknown, time: number): Promise<Answer> {
    const loaded = sequence.parse(args);
    await node.run([loadStep(loaded)], time);
    this.#options.kept.change(node.name, { sequence: loaded });
    return NOTHING;
  }

  /** The node has one slot, which other commands may have overwritten: what was uploaded is loaded again. */
  async #runSequence(node: LightNode, time: number): Promise<Answer> {
    const { sequence: uploaded } = node.kept;
    if (uploaded === null) {
      const detail = `${node.name} has no sequence: upload one with PUT /v1/lights/${node.name}/sequence.`;
      throw new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
    }
    await node.run([loadStep(uploaded), runStep()], time);
    return NOTHING;
  }

  async #shell(node: LightNode, args: unknown, time: number): Promise<Answer> {
    const { ok, text } = await node.run([shellStep(shellCommand.parse(args).command)], time);
    const response = { output: text, ok };
    return { response, bytes: Buffer.from(JSON.stringify(response)) };
  }
}
