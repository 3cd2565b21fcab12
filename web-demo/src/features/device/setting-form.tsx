import type { JSX, ReactNode, SubmitEvent } from 'react';
import { Button } from '../../components/button.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Failure, Read, Section } from './section.js';
import type { Setting } from './use-setting.js';

interface SettingFormProps<V> {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly setting: Setting<V>;
  /** Label of the button. */
  readonly saveLabel: string;
  /** Why the current value cannot be saved. */
  readonly fault?: string | undefined;
  readonly savedText?: string;
  /** Called instead of saving immediately. */
  readonly onSubmit?: () => void;
  readonly children: (value: V) => ReactNode;
}

/** Shows a value of the device and lets the user change it. */
export function SettingForm<V>(props: SettingFormProps<V>): JSX.Element {
  const { title, hint, setting, fault, onSubmit = setting.save, children } = props;
  const { blocked } = useDeviceScope();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (setting.isChanged && fault === undefined && blocked === undefined) onSubmit();
  };
  return (
    <Section title={title} hint={hint} isInner>
      <Read reading={setting.reading}>
        {(read) => (
          <form onSubmit={submit} noValidate>
            {children(setting.value ?? read)}
            {fault !== undefined && (
              <p role="alert" className="wrap-anywhere">
                {fault}
              </p>
            )}
            <SaveRow {...props} />
            {setting.saving.error !== null && (
              <Failure error={setting.saving.error} onClose={setting.saving.reset} />
            )}
          </form>
        )}
      </Read>
    </Section>
  );
}

/** Its buttons are drawn once something is changed; the row keeps its height. */
function SaveRow<V>({ setting, saveLabel, fault, savedText = 'Saved.' }: SettingFormProps<V>): JSX.Element {
  const { blocked } = useDeviceScope();
  const { saving, isChanged, discard } = setting;
  return (
    <div className={styles['saved']}>
      {(isChanged || saving.isPending) && (
        <>
          <Button
            type="submit"
            look="primary"
            isBusy={saving.isPending}
            disabled={blocked !== undefined || fault !== undefined}
          >
            {saveLabel}
          </Button>
          <Button onClick={discard} disabled={saving.isPending}>
            Undo
          </Button>
        </>
      )}
      <span role="status" className="wrap-anywhere">
        {blocked ?? (saving.isPending ? 'Saving…' : saving.isSuccess && !isChanged ? savedText : '')}
      </span>
    </div>
  );
}
