const WORDS: Readonly<Record<string, string>> = { Serial: 'Wired', UDP: 'Wireless', Emulated: 'Emulated' };

/** How a device is connected, in a word; RCSP's own where there is none. */
export function connectionText(type: string): string {
  return WORDS[type] ?? type;
}
