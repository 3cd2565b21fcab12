/** The curl line of the console's last request; kept in memory only, for it may hold keys. */
let line: string | undefined;

export function rememberCurl(text: string): void {
  line = text;
}

export function lastCurl(): string | undefined {
  return line;
}
