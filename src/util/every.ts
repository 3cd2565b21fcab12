import type { FastifyInstance } from 'fastify';

/** Looks again and again, until the gateway closes. */
export function every(app: FastifyInstance, milliseconds: number, look: () => void): void {
  const looking = setInterval(look, milliseconds);
  app.addHook('onClose', (_, done) => {
    clearInterval(looking);
    done();
  });
}
