import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

/** Whether this machine lets a test make network namespaces, which takes root and iproute2; in CI it has to. */
function canMake(): boolean {
  const name = `rcsp-probe-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return true;
  } catch {
    return process.env['CI'] !== undefined;
  }
}

export const HAS_NAMESPACES = canMake();
if (!HAS_NAMESPACES) process.stderr.write('no network namespaces: the tests that need them are left out\n');

let count = 0;

/** A network that is reached from this one by cables. Ends with the test. */
export class NetworkNamespace {
  readonly name = `rcsp-${process.pid}-${(count += 1)}`;

  constructor() {
    ip('netns', 'add', this.name);
    onTestFinished(() => ip('netns', 'del', this.name));
    ip('-n', this.name, 'link', 'set', 'lo', 'up');
  }

  /** The address of this network's end. */
  cable(): Cable {
    return new Cable(this.name, (count += 1));
  }
}

/** Cut, it loses what is sent through it: connections do not end by that. */
export class Cable {
  readonly address: string;
  readonly #namespace: string;
  readonly #far: string;

  constructor(namespace: string, number: number) {
    const [near, far] = [`rn${process.pid}n${number}`, `rn${process.pid}f${number}`];
    const net = `10.97.${(process.pid + number) % 256}`;
    this.address = `${net}.1`;
    this.#namespace = namespace;
    this.#far = far;
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace);
    ip('addr', 'add', `${net}.2/24`, 'dev', near);
    ip('-n', namespace, 'addr', 'add', `${this.address}/24`, 'dev', far);
    ip('link', 'set', near, 'up');
    this.mend();
  }

  cut(): void {
    ip('-n', this.#namespace, 'link', 'set', this.#far, 'down');
  }

  mend(): void {
    ip('-n', this.#namespace, 'link', 'set', this.#far, 'up');
  }
}
