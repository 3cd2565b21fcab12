/** Long work as it is told: over `/v1/jobs` and on the channel `$gateway/jobs`. */
import { z } from 'zod';

export const job = z
  .object({
    id: z.string().describe('Its name in `/v1/jobs/{id}`.'),
    command: z.string().describe('The command, by its name.'),
    deviceId: z.int().nullable().describe('The device, when the command has one.'),
    studio: z.string().optional().describe('The studio whose device it is.'),
    node: z.string().optional().describe('The light array, of a run of its sequence.'),
    state: z
      .enum(['running', 'done', 'failed'])
      .describe('`done` once the studio reports it; `failed` comes with `error`.'),
    percent: z.number().nullable().describe('How far it is, as the studio last told; null before that.'),
    error: z.string().nullable().describe('Why it failed, for a person.'),
    code: z.string().nullable().describe('The error code of the command, when that failed; as in a problem.'),
    outcome: z
      .enum(['not-sent', 'no-answer', 'rejected'])
      .optional()
      .describe('Of a failed run: `no-answer` where it may have run.'),
    startedBy: z.string().describe('Who asked for it.'),
    startedAt: z.number().describe('Milliseconds since 1970.'),
    endedAt: z.number().nullable().describe('Milliseconds since 1970; null while it runs.'),
    trackId: z.string().describe("The command's name in the logs, and in RCSP."),
  })
  .meta({
    id: 'Job',
    description: 'A firmware update, followed by its `UpdateFwEvents`, or a run of a light array.',
  });

export type Job = z.output<typeof job>;
