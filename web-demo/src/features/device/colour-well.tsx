/** The drawing of a device as the well of its LED ring's colour: a press opens the browser's own choice of colours. */
import { useEffect, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { fromHex, RING, sendColour } from '../../lib/led.js';
import styles from './device.module.css';
import { Failure } from './section.js';
import { useSending } from './use-setting.js';

interface ColourWellProps {
  /** The colour that this page gave the ring last, as `#1a2b3c`. */
  readonly led: string | undefined;
  readonly isOff: boolean;
  /** The drawing, with the ring in the colour given. */
  readonly children: (led: string | undefined) => ReactNode;
}

export function ColourWell({ led, isOff, children }: ColourWellProps): JSX.Element {
  const sending = useSending(sendColour);
  const input = useRef<HTMLInputElement>(null);
  // While the choice is open: only the colour that is left in it is sent.
  const [tried, setTried] = useState<string>();
  const { mutate } = sending;
  useEffect(() => {
    const element = input.current;
    const onChosen = (): void => {
      const colour = fromHex(element?.value ?? '');
      if (colour !== undefined) mutate({ LedId: RING, ...colour }, { onSettled: () => setTried(undefined) });
    };
    // React's onChange is every step of a drag.
    element?.addEventListener('change', onChosen);
    return () => element?.removeEventListener('change', onChosen);
  }, [mutate]);
  return (
    <>
      <label
        className={styles['picture']}
        data-well={!isOff}
        title={isOff ? undefined : 'Choose the LED colour'}
      >
        {children(tried ?? led)}
        <input
          ref={input}
          type="color"
          aria-label={`Colour of ${RING}`}
          value={tried ?? led ?? '#ffffff'}
          disabled={isOff || sending.isPending}
          onChange={({ currentTarget }) => setTried(currentTarget.value)}
        />
      </label>
      {sending.error !== null && <Failure error={sending.error} onClose={sending.reset} />}
    </>
  );
}
