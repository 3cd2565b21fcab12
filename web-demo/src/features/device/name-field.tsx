import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Button, IconButton } from '../../components/button.js';
import { shownName } from '../../lib/device-title.js';
import { useDevice, useStudio } from '../../lib/studio.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Failure } from './section.js';
import { useDraft } from './drafts.js';
import { useSending } from './use-setting.js';

/** The name as a heading that is typed in: Enter saves, Escape takes it back. */
export function NameField(): JSX.Element {
  const { id, name: title, blocked } = useDeviceScope();
  const { devices } = useStudio();
  const queries = useQueryClient();
  const known = shownName(useDevice(id)?.name ?? '');
  const [draft, setDraft] = useDraft<string>(id, 'name');
  const faultId = useId();
  const sending = useSending(async (client, DeviceId, DeviceName: string) => {
    await client.call('SetDeviceName', { DeviceId, DeviceName });
    devices.renamed(DeviceId, DeviceName);
  });
  const value = draft ?? known;
  const isEmpty = draft?.trim() === '';
  const isChanged = draft !== undefined && draft !== known;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!isChanged || isEmpty || blocked !== undefined) return;
    sending.mutate(draft.trim(), {
      onSuccess: () => {
        setDraft(undefined);
        void queries.invalidateQueries({ queryKey: ['device', id, 'name'] });
      },
    });
  };
  return (
    <form className={styles['name']} onSubmit={submit} noValidate>
      <h1 className="unseen">{title}</h1>
      <div className={styles['nameRow']}>
        <input
          aria-label="Device name"
          aria-invalid={isEmpty || undefined}
          aria-describedby={isEmpty ? faultId : undefined}
          value={value}
          placeholder={title}
          disabled={blocked !== undefined}
          autoComplete="off"
          spellCheck={false}
          dir="auto"
          onChange={({ currentTarget }) => {
            sending.reset();
            setDraft(currentTarget.value);
          }}
          onKeyDown={({ key }) => key === 'Escape' && setDraft(undefined)}
        />
        {isChanged && <IconButton icon="close" label="Undo the name" onClick={() => setDraft(undefined)} />}
      </div>
      <div className={styles['nameState']}>
        {isChanged && (
          <Button
            type="submit"
            look="primary"
            icon="ok"
            isBusy={sending.isPending}
            disabled={blocked !== undefined || isEmpty}
          >
            Save name
          </Button>
        )}
        <span role="status" id={faultId}>
          {isEmpty
            ? 'A device needs a name.'
            : sending.isPending
              ? 'Saving…'
              : sending.isSuccess && !isChanged
                ? '✓ Saved.'
                : ''}
        </span>
      </div>
      {sending.error !== null && <Failure error={sending.error} onClose={sending.reset} />}
    </form>
  );
}
