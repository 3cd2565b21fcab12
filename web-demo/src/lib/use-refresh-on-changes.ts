import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import { changeOf } from './device-events.js';
import { useChannel } from './studio.js';

const CHANNELS = [GATEWAY_CHANNELS.changes];

/** What is to be read again after a command: the second part of the query's key. */
const READINGS: Readonly<Record<string, readonly string[]>> = {
  SetDeviceName: ['name'],
  SetFrameRate: ['frame-rate'],
  SetEmfChannel: ['emf-channel'],
  SetMagnetometerCalOffset: ['magnetometer-offset'],
  SetNetworkConfiguration: ['network'],
  StartWifi: ['wifi-version'],
  UpdateWifiModule: ['wifi-version'],
  UpdateFirmware: ['info', 'commands', 'sensors'],
  UpdateSensorFirmware: ['sensors'],
};

/** Reads values again that anybody changed through the gateway: another tab, another tablet, a script. */
export function useRefreshOnChanges(): void {
  const queries = useQueryClient();
  useChannel(
    CHANNELS,
    useCallback(
      ({ event }) => {
        const change = changeOf(event['EventData']);
        if (change === undefined) return;
        for (const what of READINGS[change.command] ?? []) {
          void queries.invalidateQueries({ queryKey: ['device', change.deviceId, what] });
        }
      },
      [queries],
    ),
  );
}
