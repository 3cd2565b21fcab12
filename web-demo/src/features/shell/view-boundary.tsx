import { Component, useEffect } from 'react';
import type { ComponentType, JSX, ReactNode } from 'react';
import { Button } from '../../components/button.js';
import { Notice } from '../../components/notice.js';
import { useLink } from '../../lib/studio.js';

/** A chunk of the page failed to load: the gateway is unreachable, or was upgraded since the page was opened. */
class NotLoadedError extends Error {
  override readonly name = 'NotLoadedError';

  constructor(
    /** When the load started, in milliseconds since 1970. */
    readonly askedAt: number,
    cause: unknown,
  ) {
    super('A part of the page could not be loaded.', { cause });
  }
}

/** For `lazy`: separates a failed load from an error thrown by the view itself. */
export function loadView<Props>(
  view: Promise<ComponentType<Props>>,
): Promise<{ readonly default: ComponentType<Props> }> {
  const askedAt = Date.now();
  return view.then(
    (found) => ({ default: found }),
    (cause: unknown) => {
      // Browsers reject a failed fetch with a TypeError, and a module that throws with the thrown value.
      if (!(cause instanceof TypeError)) throw cause;
      throw new NotLoadedError(askedAt, cause);
    },
  );
}

interface ViewBoundaryProps {
  /** A change resets the boundary; a chunk that failed to load fails again. */
  readonly place: string;
  readonly children: ReactNode;
}

interface ViewBoundaryState {
  readonly place: string;
  readonly failure: { readonly error: unknown } | undefined;
}

/** Keeps the frame usable when a view throws, and shows why. */
export class ViewBoundary extends Component<ViewBoundaryProps, ViewBoundaryState> {
  override state: ViewBoundaryState = { place: this.props.place, failure: undefined };

  static getDerivedStateFromError(error: unknown): Partial<ViewBoundaryState> {
    return { failure: { error } };
  }

  static getDerivedStateFromProps(
    { place }: ViewBoundaryProps,
    state: ViewBoundaryState,
  ): ViewBoundaryState | null {
    return place === state.place ? null : { place, failure: undefined };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    return failure === undefined ? this.props.children : <Failed error={failure.error} />;
  }
}

function Failed({ error }: { readonly error: unknown }): JSX.Element {
  const { client, backAt = 0 } = useLink();
  const isNotLoaded = error instanceof NotLoadedError;
  // React and some browsers cache a failed import for the life of the page: only a reload helps.
  const mustReload = isNotLoaded && error.askedAt < backAt;
  useEffect(() => {
    if (mustReload) location.reload();
  }, [mustReload]);
  return (
    <>
      <h1>This view cannot be shown</h1>
      <Notice level="bad" role="alert" title={isNotLoaded ? NOT_LOADED : 'Something in it went wrong'}>
        <p>
          {isNotLoaded
            ? client === 'open'
              ? 'Reload the page.'
              : 'The page reloads itself when the gateway is back.'
            : error instanceof Error
              ? error.message
              : String(error)}
        </p>
      </Notice>
      <p>
        <Button onClick={() => location.reload()}>Reload the page</Button>
      </p>
    </>
  );
}

const NOT_LOADED =
  'It could not be loaded: the gateway is out of reach, or it was upgraded after the page was opened.';
