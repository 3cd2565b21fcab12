/**
 * What the vendor's pages leave open, each choice under one name, so that a real node can correct it in one place.
 * docs/lights.md explains them.
 */

/** The port of pycom, on the node and, unless told otherwise, on the coordinator. */
export const PYCOM_PORT = 5000;
/** A coordinator that sends no heartbeat for 15 s is offline; the vendor asks for one every 5 s. */
export const HEARTBEAT_MS = 5000;
/** A node that takes no heartbeat for so long is unreachable. */
export const UNREACHABLE_MS = 15_000;

/** `version` of the base fields: "irrelevant, but necessary". */
export const OUR_VERSION = '0.14.0';
export const OUR_NAME = 'rcsp-gateway';

/** The vendor's texts write `boardiocli`; its output says `BOARDIO_CLI`. */
export const BOARD_CLI = 'boardiocli';

/** Where the firmware loads a sequence from, by the command that loads it. The shell expands `~`. */
export const SLOTS = {
  sequence: { file: '~/la4_sequence.csv', load: 'uSeq' },
  standalone: { file: '/home/rigsters/la4_sequence_standalone.csv', load: 'uSeqStandalone' },
} as const;
export const RUN_COMMAND = 'runSeq';

/** Texts of `message` events. They carry no id of the command that they belong to. */
export const MESSAGES = {
  ready: /\bBOARDIO_READY\b/,
  error: /\bBOARDIO_ERROR\b/,
  complete: /\bsequence complete\b/i,
} as const;

/** Milliseconds that `message` events of an answered command may follow it; the next command waits for them. */
export const SETTLE_MS = 1000;
/** Milliseconds in which a message that came too late for its command is still taken for that command's. */
export const LATE_MS = 30_000;
