/**
 * A Fastify that answers every request with the same bytes, as many as the gateway's answer has; at the port given, or at any.
 */
import Fastify from 'fastify';
import { answer } from '../lib/child.js';

const app = Fastify();
app.get('/v1/devices/:DeviceId/name', () => Promise.resolve({ DeviceName: 'Suit of performer 1' }));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2] ?? 0) });

answer({ port: () => app.server.address().port });
