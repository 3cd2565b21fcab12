/** How the views other than the first are loaded. */
export const LOADERS = {
  devices: () => import('../device/device-view.js'),
  events: () => import('../events/events-view.js'),
  notes: () => import('../notes/notes-view.js'),
  firmware: () => import('../firmware/firmware-view.js'),
  lights: () => import('../lights/lights-view.js'),
  console: () => import('../console/console-view.js'),
  mantine: () => import('../../components/with-mantine.js'),
} as const;

/** Begins to load the view that the address names, while the page's own code is still on its way. */
export function preloadView(): void {
  const [, name = ''] = /^#\/(\w+)/.exec(location.hash) ?? [];
  for (const [key, load] of Object.entries(LOADERS)) {
    // Whether it loads is told where it is shown.
    if (key === name) load().catch(() => undefined);
  }
}
