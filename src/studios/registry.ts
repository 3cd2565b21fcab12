import { assertStudio, mayUse } from '../access/scope.js';
import type { Caller, Principal } from '../access/scope.js';
import { GatewayError } from '../errors/errors.js';
import type { Studio } from './studio.js';

/** All studios by name, and the default one. There is always one at least. */
export class Studios {
  readonly #studios = new Map<string, Studio>();
  #default: Studio | undefined;

  /** What names and routes without a studio mean. @throws Error before there is one */
  get default(): Studio {
    if (this.#default === undefined) throw new Error('There is no studio.');
    return this.#default;
  }

  /** In the order in which they came. */
  get all(): readonly Studio[] {
    return [...this.#studios.values()];
  }

  get(name: string): Studio | undefined {
    return this.#studios.get(name);
  }

  add(studio: Studio): void {
    this.#studios.set(studio.name, studio);
    this.#default ??= studio;
  }

  remove(name: string): void {
    this.#studios.delete(name);
  }

  setDefault(name: string): void {
    this.#default = this.#studios.get(name) ?? this.#default;
  }

  visibleTo(principal: Principal): readonly Studio[] {
    return this.all.filter(({ name }) => mayUse(principal, name));
  }

  /** Where the audit line of a command goes that names no studio which there is. */
  ofCaller({ studio }: Caller): Studio {
    return (studio === undefined ? undefined : this.#studios.get(studio)) ?? this.default;
  }

  /**
   * The studio of that name, or the default one.
   *
   * @throws GatewayError `Studio not found`, `Forbidden`
   */
  find(name: string | undefined, principal: Principal): Studio {
    const found = name === undefined ? this.#default : this.#studios.get(name);
    if (found === undefined) throw studioNotFound(name, this.visibleTo(principal));
    assertStudio(principal, found.name);
    return found;
  }
}

/** `known` are those that the caller may see. */
export function studioNotFound(
  name: string | undefined,
  known: readonly Pick<Studio, 'name'>[],
): GatewayError {
  const names = known.map((each) => each.name).join(', ');
  const detail = `There is no studio ${name ?? ''}${names === '' ? '' : `; there are: ${names}`}.`;
  return new GatewayError('Studio not found', detail, { outcome: 'not-sent' });
}
