import { useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { MenuItem } from '../../components/menu.js';
import { alerts, notificationFault } from '../../lib/alerts.js';

/** Sounds and notifications, in a menu. */
export function AlertItems(): JSX.Element {
  const { hasSounds, hasNotifications } = useSyncExternalStore(alerts.subscribe, alerts.snapshot);
  const fault = notificationFault();
  return (
    <>
      <MenuItem
        icon="bell"
        isChosen={hasSounds}
        hint={hasSounds ? '✓' : undefined}
        onClick={() => alerts.setSounds(!hasSounds)}
      >
        Sounds
      </MenuItem>
      <MenuItem
        icon="bell"
        isChosen={hasNotifications}
        disabled={fault !== undefined}
        hint={fault ?? (hasNotifications ? '✓' : undefined)}
        onClick={() => void alerts.setNotifications(!hasNotifications)}
      >
        Notifications
      </MenuItem>
    </>
  );
}
