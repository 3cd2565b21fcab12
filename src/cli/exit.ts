/** Exit codes; scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The studio, or the gateway, refused the command. */
  refused: 1,
  /** The command line is invalid. */
  usage: 2,
  /** Nothing was sent to the studio: safe to repeat. */
  notSent: 3,
  /** No valid answer: the command may have run. */
  noAnswer: 4,
} as const;
