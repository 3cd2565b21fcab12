/** Sounds and notifications: both off until somebody wants them. */
import type { Sound } from './chime.js';
import { keepJson, recallJson } from './kept.js';
import { Store } from './store.js';

export interface AlertSettings {
  readonly hasSounds: boolean;
  readonly hasNotifications: boolean;
}

const KEY = 'rcsp-alerts';

class AlertStore extends Store {
  #settings: AlertSettings = kept();

  readonly snapshot = (): AlertSettings => this.#settings;

  setSounds(hasSounds: boolean): void {
    this.#set({ hasSounds });
    // Browsers let a page sound only after a press: this one.
    play('tick');
  }

  /** Asks the browser for its permission. Call it in a press. */
  async setNotifications(isWanted: boolean): Promise<void> {
    const isGranted =
      isWanted && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
    this.#set({ hasNotifications: isGranted });
  }

  #set(changes: Partial<AlertSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    keepJson('browser', KEY, this.#settings);
    this.notify();
  }
}

function kept(): AlertSettings {
  const value = recallJson('browser', KEY);
  const { hasSounds, hasNotifications }: Partial<Record<keyof AlertSettings, unknown>> =
    typeof value === 'object' && value !== null ? value : {};
  return { hasSounds: hasSounds === true, hasNotifications: hasNotifications === true };
}

export const alerts = new AlertStore();

/** Silent unless sounds are on. */
export function play(sound: Sound): void {
  if (!alerts.snapshot().hasSounds) return;
  import('./chime.js').then(({ chime }) => chime(sound)).catch(() => undefined);
}

/** Tells somebody who does not have the page before them. */
export function tell(text: string): void {
  const isWanted = alerts.snapshot().hasNotifications && document.visibilityState === 'hidden';
  if (!isWanted || !('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    new Notification(text, { tag: text });
  } catch {
    // On Android only service workers may.
  }
}

/** Why notifications cannot be had; undefined when they can. */
export function notificationFault(): string | undefined {
  if (!('Notification' in window)) return 'not in this browser';
  // Browsers refuse without asking where a page is not secure.
  if (!isSecureContext) return 'needs HTTPS';
  return Notification.permission === 'denied' ? 'the browser refuses them' : undefined;
}
