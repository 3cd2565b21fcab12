import { assertStudio, mayUse } from '../access/scope.js';
import type { Caller, Principal } from '../access/scope.js';
import { GatewayError } from '../errors/errors.js';
import type { EdgeStudio } from './edge-studio.js';
import type { Studio } from './studio.js';

/** Connected directly, or reached over NATS. */
export type AnyStudio = Studio | EdgeStudio;

/** All studios by name, and the default one. There is always one at least. */
export class Studios {
  readonly #studios = new Map<string, AnyStudio>();
  #default: AnyStudio | undefined;
  #onAdded: (studio: AnyStudio) => void = () => undefined;
  #onRemoved: (name: string) => void = () => undefined;

  /** What names and routes without a studio mean. @throws Error before there is one */
  get default(): AnyStudio {
    if (this.#default === undefined) throw new Error('There is no studio.');
    return this.#default;
  }

  /** In the order in which they came. */
  get all(): readonly AnyStudio[] {
    return [...this.#studios.values()];
  }

  get(name: string): AnyStudio | undefined {
    return this.#studios.get(name);
  }

  add(studio: AnyStudio): void {
    this.#studios.set(studio.name, studio);
    this.#default ??= studio;
    this.#onAdded(studio);
  }

  remove(name: string): void {
    if (this.#studios.delete(name)) this.#onRemoved(name);
  }

  /** Hears of the studios that there are, and of those that come and go. */
  follow(onAdded: (studio: AnyStudio) => void, onRemoved: (name: string) => void): void {
    this.#onAdded = onAdded;
    this.#onRemoved = onRemoved;
    for (const each of this.all) onAdded(each);
  }

  setDefault(name: string): void {
    this.#default = this.#studios.get(name) ?? this.#default;
  }

  /**
   * A connection of a client has come over which it may command every studio: their leases stay while it is there. The
   * returned function says that it is gone.
   */
  arrive(caller: Caller): () => void {
    const leases = this.all.flatMap(({ lease }) => lease ?? []);
    for (const lease of leases) lease.arrive(caller);
    return () => {
      for (const lease of leases) lease.leave(caller);
    };
  }

  visibleTo(principal: Principal): readonly AnyStudio[] {
    return this.all.filter(({ name }) => mayUse(principal, name));
  }

  /** Where the audit line of a command goes that names no studio which there is. */
  ofCaller({ studio }: Caller): AnyStudio {
    return (studio === undefined ? undefined : this.#studios.get(studio)) ?? this.default;
  }

  /**
   * The studio of that name, or the default one.
   *
   * @throws GatewayError `Studio not found`, `Forbidden`
   */
  find(name: string | undefined, principal: Principal): AnyStudio {
    const found = name === undefined ? this.#default : this.#studios.get(name);
    if (found === undefined) throw studioNotFound(name, this.visibleTo(principal));
    assertStudio(principal, found.name);
    return found;
  }
}

/** `known` are those that the caller may see. */
export function studioNotFound(
  name: string | undefined,
  known: readonly Pick<AnyStudio, 'name'>[],
): GatewayError {
  const names = known.map((each) => each.name).join(', ');
  const detail = `There is no studio ${name ?? ''}${names === '' ? '' : `; there are: ${names}`}.`;
  return new GatewayError('Studio not found', detail, { outcome: 'not-sent' });
}
