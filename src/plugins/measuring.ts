import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Metrics } from '../metrics.js';
import { VERSION } from '../util/package-info.js';

export const measuring = fp(
  (app: FastifyInstance) => {
    app.decorate('metrics', new Metrics(VERSION));
  },
  { name: 'metrics' },
);

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics;
  }
}
