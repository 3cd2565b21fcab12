import { Button, Group, Stack, Text } from '@mantine/core';
import type { JSX, ReactNode, SubmitEvent } from 'react';
import { useDeviceScope } from './device-scope.js';
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
  readonly extra?: ReactNode;
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
    <Section title={title} hint={hint}>
      <Read reading={setting.reading}>
        {(read) => (
          <form onSubmit={submit} noValidate>
            <Stack gap="sm">
              {children(setting.value ?? read)}
              {fault !== undefined && (
                <Text size="sm" role="alert" className="wrap-anywhere">
                  {fault}
                </Text>
              )}
              <SaveRow {...props} />
              {setting.saving.error !== null && (
                <Failure error={setting.saving.error} onClose={setting.saving.reset} />
              )}
            </Stack>
          </form>
        )}
      </Read>
    </Section>
  );
}

function SaveRow<V>({
  setting,
  saveLabel,
  fault,
  savedText = 'Saved.',
  extra,
}: SettingFormProps<V>): JSX.Element {
  const { blocked } = useDeviceScope();
  const { saving, isChanged, discard } = setting;
  const isOff = blocked !== undefined || !isChanged || fault !== undefined;
  return (
    <Group gap="sm">
      <Button type="submit" loading={saving.isPending} disabled={isOff}>
        {saveLabel}
      </Button>
      {isChanged && !saving.isPending && (
        <Button variant="default" onClick={discard}>
          Undo
        </Button>
      )}
      {extra}
      <Text size="sm" role="status" className="wrap-anywhere">
        {blocked ?? (saving.isPending ? 'Saving…' : saving.isSuccess && !isChanged ? savedText : '')}
      </Text>
    </Group>
  );
}
