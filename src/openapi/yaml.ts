/**
 * JSON data as YAML 1.2: in blocks, with strings and names quoted as in JSON. The package `yaml` writes less quotes,
 * and holds the event loop for half a second over the whole document.
 */
export function toYaml(value: unknown): string {
  return `${blockOf(value, '').trimStart()}\n`;
}

function blockOf(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((each) => `\n${indent}-${itemOf(each, deeper)}`).join('');
  }
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 0) return ' {}';
  return entries
    .map(([name, each]) => `\n${indent}${JSON.stringify(name)}:${blockOf(each, deeper)}`)
    .join('');
}

/** The first line of what is in a list stands beside its dash. */
function itemOf(value: unknown, indent: string): string {
  return ` ${blockOf(value, indent).trimStart()}`;
}
