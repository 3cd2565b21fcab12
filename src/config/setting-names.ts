/** How a setting is named on the command line and in the environment. */

/** `poolSize` → `--pool-size` */
export function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

/** `poolSize` → `RCSP_GATEWAY_POOL_SIZE` */
export function variableOf(name: string): string {
  return `RCSP_GATEWAY_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
}

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
