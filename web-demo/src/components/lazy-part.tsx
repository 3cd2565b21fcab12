import { lazy } from 'react';
import type { ComponentType, LazyExoticComponent } from 'react';

/** A part that is loaded after the view around it. A view is of use without it: when it does not load, it is not there. */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  const nothing: ComponentType<Props> = () => null;
  return lazy(() =>
    load().then(
      (part) => ({ default: part }),
      () => ({ default: nothing }),
    ),
  );
}
