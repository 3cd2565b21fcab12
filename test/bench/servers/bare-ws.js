/** A WebSocket server that does nothing with its clients. */
import { WebSocketServer } from 'ws';
import { answer } from '../lib/child.js';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

answer({ port: () => server.address().port });
