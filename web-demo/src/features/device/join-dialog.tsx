import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import fields from '../../components/field.module.css';
import ui from '../../components/ui.module.css';
import { useDeviceScope } from './device-scope.js';
import { securityText, textBytes, withNetwork } from './network-draft.js';
import type { NetworkSettings, ScannedNetwork } from './network-draft.js';
import { Failure } from './section.js';
import { useSending } from './use-setting.js';
import { saveNetwork } from './save-network.js';

interface JoinDialogProps {
  readonly settings: NetworkSettings;
  readonly network: ScannedNetwork;
  readonly onClose: () => void;
}

/** Asks for the key, saves the network to the device, and restarts its Wi-Fi. */
export function JoinDialog({ settings, network, onClose }: JoinDialogProps): JSX.Element {
  const { name, blocked } = useDeviceScope();
  const next = withNetwork(settings, network);
  const isOpen = next.SecurityType === 'Open';
  const [key, setKey] = useState(next.Psk.Str);
  const [isShown, setShown] = useState(false);
  const joining = useSending(async (client, DeviceId, value: NetworkSettings) => {
    await saveNetwork(client, DeviceId, value);
    await client.call('StartWifi', { DeviceId });
  }, 'network');
  const bytes = textBytes(key);
  const isGood = isOpen || (bytes.Raw.length >= 8 && bytes.Raw.length <= 64);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!isGood || blocked !== undefined) return;
    joining.mutate(isOpen ? next : { ...next, Psk: bytes }, { onSuccess: onClose });
  };
  return (
    <Dialog title={`Join ${network.Ssid.Str}`} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <p>
          {securityText(next.SecurityType)}, channel {network.ChannelNo}. {name} saves the network and
          restarts its Wi-Fi. With a wrong key it is lost over Wi-Fi until it is connected by cable.
        </p>
        {!isOpen && (
          <>
            <label className={fields['field']}>
              Key
              <input
                data-autofocus
                type={isShown ? 'text' : 'password'}
                value={key}
                autoComplete="off"
                onChange={({ currentTarget }) => setKey(currentTarget.value)}
              />
              <span className={fields['hint']}>8 to 63 characters</span>
            </label>
            <label className={fields['check']}>
              <input
                type="checkbox"
                checked={isShown}
                onChange={({ currentTarget }) => setShown(currentTarget.checked)}
              />
              Show the key
            </label>
          </>
        )}
        {joining.error !== null && <Failure error={joining.error} onClose={joining.reset} />}
        <div className={`${ui['row']} ${ui['end']}`}>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={joining.isPending}
            disabled={!isGood || blocked !== undefined}
          >
            Join
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
