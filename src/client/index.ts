/** The gateway's client for browsers, bundlers and Node: commands, events, and inputs to bind to them. */
export { RcspClient } from './client.js';
export { RcspError } from './error.js';
export { GamepadSource as Gamepad, setGamepadRate } from './gamepad.js';
export { KeyboardSource as Keyboard } from './keyboard.js';
export { Queue } from './queue.js';
export type { Fault, Outcome, Problem } from './error.js';
export type { GamepadChange, GamepadOptions } from './gamepad.js';
export type { KeyboardOptions, KeyEvent } from './keyboard.js';
export type { QueueOptions } from './queue.js';
export type { SocketConstructor, SocketLike } from './socket.js';
export type * from './types.js';
