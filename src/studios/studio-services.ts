import type { Principal } from '../access/scope.js';
import { commandByName } from '../catalog/index.js';
import type { CommandDescriber } from '../catalog/invocation.js';
import { Gate } from '../commands/gate.js';
import type { GateOptions } from '../commands/gate.js';
import { RateLimit } from '../commands/rate-limit.js';
import type { Config } from '../config/config.js';
import type { Hub } from '../events/hub.js';
import type { Metrics } from '../metrics.js';
import type { Logger } from '../util/log.js';

/** What every studio needs of the gateway. */
export interface StudioServices {
  readonly config: Config;
  readonly hub: Hub;
  readonly metrics: Metrics;
  /** A logger whose lines name the studio. */
  readonly logOf: (studio: string) => Logger;
  readonly isStillAuthorized: (principal: Principal) => boolean;
}

/** A studio's own gate: its rates are shared with no other studio. */
export function createGate(
  { config, isStillAuthorized }: StudioServices,
  lease: GateOptions['lease'],
  audit: GateOptions['audit'],
): Gate {
  const rate = new RateLimit(config.commandRate, 1, `More than ${config.commandRate} commands in a second.`);
  return new Gate({ isStillAuthorized, rate, lease, audit });
}

/** Commands that the catalog or the studio itself describes. */
export function isKnownBy(discovery: CommandDescriber): (command: string) => boolean {
  return (command) => commandByName.has(command) || discovery.describe(command) !== undefined;
}
