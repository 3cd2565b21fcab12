import { VERSION } from '../util/package-info.js';

/** What `rcsp-gateway` says on a terminal when it is given nothing. */
export const INTRODUCTION = `rcsp-gateway ${VERSION}: REST, OpenAPI and live events in front of a motion-capture studio (RCSP).

  rcsp-gateway serve --simulate                 try it with a simulated studio, on http://localhost:8080
  rcsp-gateway serve --rcsp studio-pc:45451     run it in front of a studio
  rcsp-gateway doctor --rcsp studio-pc:45451    find out what is wrong

rcsp-gateway --help lists every command, rcsp-gateway serve --help every setting.`;

/** A service, a container or a pipe that names no command means `serve`. */
export function isWithoutCommand(args: readonly string[], isTerminal: boolean): boolean {
  return args.length === 0 && isTerminal;
}
