import { createRequire } from 'node:module';
import type * as Pretty from 'pino-pretty';
import type * as PromClient from 'prom-client';
import type * as RateLimiter from 'rate-limiter-flexible';

interface Libraries {
  readonly 'pino-pretty': typeof Pretty;
  readonly 'prom-client': typeof PromClient;
  readonly 'rate-limiter-flexible': typeof RateLimiter;
}

const require = createRequire(import.meta.url);

/** A library that the first answer does not need: it is loaded when it is used, and not with the gateway. */
export function load<Name extends keyof Libraries>(name: Name): Libraries[Name] {
  return require(name) as Libraries[Name];
}
