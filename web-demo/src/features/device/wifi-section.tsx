import { useState } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { Icon } from '../../components/icon.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { JoinDialog } from './join-dialog.js';
import { bandText, faultsOf, securityText } from './network-draft.js';
import type { NetworkSettings, ScannedNetwork } from './network-draft.js';
import { NetworkFields } from './network-fields.js';
import { NetworkScan } from './network-scan.js';
import { Failure, Read, Section } from './section.js';
import { saveNetwork } from './save-network.js';
import { SettingForm } from './setting-form.js';
import { useReading, useSending, useSetting } from './use-setting.js';

/** The network that the device uses, others in reach, and all settings for whoever needs them. */
export function WifiSection(): JSX.Element {
  const { name } = useDeviceScope();
  const [isAsking, setAsking] = useState(false);
  const [joining, setJoining] = useState<ScannedNetwork>();
  const setting = useSetting<NetworkSettings>(
    'network',
    (client, DeviceId) => client.call('GetNetworkConfiguration', { DeviceId }),
    saveNetwork,
  );
  const { value, reading } = setting;
  const faults = value === undefined ? {} : faultsOf(value);
  const hasFaults = Object.keys(faults).length > 0;
  return (
    <Section title="Wi-Fi">
      <Read reading={reading}>{(settings) => <CurrentNetwork settings={settings} />}</Read>
      <NetworkScan onJoin={reading.data === undefined ? undefined : setJoining} place={reading.data} />
      {joining !== undefined && reading.data !== undefined && (
        <JoinDialog settings={reading.data} network={joining} onClose={() => setJoining(undefined)} />
      )}
      <details className={styles['fold']}>
        <summary>Advanced</summary>
        <SettingForm
          title="Network settings"
          hint="Saved to the device; its Wi-Fi uses them once it is restarted."
          setting={setting}
          saveLabel="Save network settings"
          fault={setting.isChanged && hasFaults ? 'Some of the settings are not right yet.' : undefined}
          onSubmit={() => setAsking(true)}
        >
          {(settings) => <NetworkFields value={settings} faults={faults} onChange={setting.edit} />}
        </SettingForm>
        <WifiRestart />
      </details>
      <ConfirmDialog
        isOpen={isAsking}
        question={`Change the network settings of ${name}?`}
        yes="Change network settings"
        onYes={setting.save}
        onNo={() => setAsking(false)}
      >
        <p className="wrap-anywhere">
          {name} will use the network {value?.Ssid.Str}. With a wrong setting a device that is reached over
          Wi-Fi is lost until it is connected by cable.
        </p>
      </ConfirmDialog>
    </Section>
  );
}

function CurrentNetwork({ settings }: { readonly settings: NetworkSettings }): JSX.Element {
  const { Ssid, SecurityType, Band, ChannelNo, DeviceIp } = settings;
  return (
    <div className={styles['tile']}>
      <Icon name="wireless" size={28} />
      <div>
        <strong className="wrap-anywhere">
          <bdi>{Ssid.Str === '' ? 'No network' : Ssid.Str}</bdi>
        </strong>
        <div className="dim">
          {securityText(SecurityType)} · {bandText(Band)}, channel {ChannelNo} · {DeviceIp}
        </div>
      </div>
    </div>
  );
}

function WifiRestart(): JSX.Element {
  const { name, blocked } = useDeviceScope();
  const [isAsking, setAsking] = useState(false);
  const version = useReading('wifi-version', (client, DeviceId) =>
    client.call('GetWifiVersion', { DeviceId }),
  );
  const starting = useSending((client, DeviceId, _: undefined) => client.call('StartWifi', { DeviceId }));
  return (
    <Section
      title="Wi-Fi module"
      hint={version.data === undefined ? undefined : `Firmware ${version.data.WifiFwVersion}`}
      isInner
    >
      <div className={styles['row']}>
        <Button isBusy={starting.isPending} disabled={blocked !== undefined} onClick={() => setAsking(true)}>
          Restart Wi-Fi
        </Button>
        <span role="status">
          {blocked ?? (starting.isPending ? 'Restarting…' : starting.isSuccess ? 'Restarted.' : '')}
        </span>
      </div>
      {starting.error !== null && <Failure error={starting.error} onClose={starting.reset} />}
      <ConfirmDialog
        isOpen={isAsking}
        question={`Restart the Wi-Fi of ${name}?`}
        yes="Restart Wi-Fi"
        onYes={() => starting.mutate(undefined)}
        onNo={() => setAsking(false)}
      >
        <p className="wrap-anywhere">
          It connects with the settings that were saved last. While it does, {name} is not reached over Wi-Fi.
        </p>
      </ConfirmDialog>
    </Section>
  );
}
