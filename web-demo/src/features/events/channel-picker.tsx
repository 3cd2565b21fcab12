import {
  Accordion,
  Button,
  Checkbox,
  Drawer,
  Fieldset,
  Group,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import type { SubmitEvent, JSX } from 'react';
import type { DeviceCard } from '../../lib/device-store.js';
import { deviceTitle } from '../../lib/device-title.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { WithMantine } from '../../components/with-mantine.js';
import { useDevices } from '../../lib/studio.js';
import { EVERYTHING, faultOf, GATEWAY_CHANNELS, isCovered, patternOf, union } from './channels.js';
import type { Publisher } from './channels.js';
import { usePublishers } from './use-publishers.js';
import type { Publishers } from './use-publishers.js';

interface Choice {
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
}

interface ChannelPickerProps extends Choice {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function ChannelPicker({ isOpen, onClose, ...choice }: ChannelPickerProps): JSX.Element {
  const { publishers, error } = usePublishers(isOpen);
  return (
    <WithMantine>
      <Drawer
        opened={isOpen}
        onClose={onClose}
        title="Channels"
        size="md"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <Options options={EVERYTHING} {...choice} />
          {error !== undefined && <ProblemAlert error={error} />}
          {publishers === undefined && error === undefined && (
            <Skeleton height={160} aria-label="Asking who publishes what" />
          )}
          <Sections publishers={publishers} {...choice} />
          <OtherChannel {...choice} />
          <Group justify="space-between">
            <Button
              variant="default"
              onClick={() => choice.onChoose([])}
              disabled={choice.chosen.length === 0}
            >
              Choose none
            </Button>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Drawer>
    </WithMantine>
  );
}

function Sections({
  publishers,
  ...choice
}: Choice & { readonly publishers: Publishers | undefined }): JSX.Element {
  const known = useDevices();
  const devices = publishers?.devices ?? [];
  const all = union(devices.map((device) => device.publishers));
  return (
    <Accordion multiple defaultValue={['studio']} variant="contained">
      {publishers !== undefined && (
        <Section value="studio" label="Studio" prefix="" publishers={publishers.studio} {...choice} />
      )}
      {all.length > 0 && (
        <Section
          value="every-device"
          label="Every device, also those that connect later"
          prefix="devices/*/"
          publishers={all}
          {...choice}
        />
      )}
      {devices.map((device) => (
        <Section
          key={device.id}
          value={`device-${device.id}`}
          label={pickedTitle(device.id, known)}
          prefix={`devices/${device.id}/`}
          publishers={device.publishers}
          {...choice}
        />
      ))}
      <Accordion.Item value="gateway">
        <Accordion.Control>Gateway</Accordion.Control>
        <Accordion.Panel>
          <Options options={GATEWAY_CHANNELS} {...choice} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function pickedTitle(id: number, known: readonly DeviceCard[] | undefined): string {
  const device = known?.find((each) => each.id === id);
  return device === undefined ? `Device ${id}` : `${deviceTitle(device)} (device ${id})`;
}

interface SectionProps extends Choice {
  readonly value: string;
  readonly label: string;
  readonly prefix: string;
  readonly publishers: readonly Publisher[];
}

function Section({ value, label, prefix, publishers, ...choice }: SectionProps): JSX.Element {
  return (
    <Accordion.Item value={value}>
      <Accordion.Control className="wrap-anywhere">{label}</Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          {publishers.length === 0 && <Text size="sm">Publishes nothing.</Text>}
          {publishers.map(({ Publisher: name, Topics }) => (
            <Fieldset key={name} legend={name} p="sm">
              <Options
                options={[
                  { pattern: patternOf(prefix, name, undefined), label: 'All topics' },
                  ...Topics.map((topic) => ({ pattern: patternOf(prefix, name, topic), label: topic })),
                ]}
                {...choice}
              />
            </Fieldset>
          ))}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

interface OptionsProps extends Choice {
  readonly options: readonly { readonly pattern: string; readonly label: string }[];
}

function Options({ options, chosen, onChoose }: OptionsProps): JSX.Element {
  return (
    <Stack gap="xs">
      {options.map(({ pattern, label }) => {
        const isIncluded = isCovered(pattern, chosen);
        return (
          <Checkbox
            key={pattern}
            label={isIncluded ? `${label} (included)` : label}
            checked={isIncluded || chosen.includes(pattern)}
            disabled={isIncluded}
            onChange={({ currentTarget: { checked } }) =>
              onChoose(checked ? [...chosen, pattern] : chosen.filter((each) => each !== pattern))
            }
          />
        );
      })}
    </Stack>
  );
}

/** For publishers that the studio does not list. */
function OtherChannel({ chosen, onChoose }: Choice): JSX.Element {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const pattern = text.trim();
    const found = faultOf(pattern);
    setFault(found);
    if (found !== undefined) return;
    if (!chosen.includes(pattern)) onChoose([...chosen, pattern]);
    setText('');
  };
  return (
    <form onSubmit={add}>
      <Group align="end" wrap="nowrap">
        <TextInput
          label="Another channel"
          description="* stands for one whole level, as in devices/*/DeviceLogs/Error"
          value={text}
          error={fault}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          style={{ flexGrow: 1 }}
          onChange={({ currentTarget: { value } }) => setText(value)}
        />
        <Button type="submit" variant="outline">
          Add
        </Button>
      </Group>
    </form>
  );
}
