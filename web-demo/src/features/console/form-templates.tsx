import { Button, Fieldset, Group, Stack, Text } from '@mantine/core';
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  TemplatesType,
} from '@rjsf/utils';
import type { JSX } from 'react';
import { Prose } from './prose.js';
import styles from './console.module.css';

/** Inputs render their own label, description and errors; containers render theirs around them. */
function FieldTemplate({ children, hidden }: FieldTemplateProps<unknown>): JSX.Element {
  return <div hidden={hidden === true}>{children}</div>;
}

function ObjectFieldTemplate(props: ObjectFieldTemplateProps<unknown>): JSX.Element {
  const { properties, fieldPathId, title, description, required } = props;
  const fields = properties.map(({ content, name }) => <div key={name}>{content}</div>);
  if (fieldPathId.path.length === 0) return <Stack gap="md">{fields}</Stack>;
  return (
    <Fieldset legend={legend(title, required)}>
      <div className={styles.fields}>
        {typeof description === 'string' && description !== '' && (
          <Text size="sm" c="dimmed">
            <Prose text={description} />
          </Text>
        )}
        {fields}
      </div>
    </Fieldset>
  );
}

function ArrayFieldTemplate(props: ArrayFieldTemplateProps<unknown>): JSX.Element {
  const { title, required, schema, items, canAdd, onAddClick, rawErrors } = props;
  return (
    <Fieldset legend={legend(title, required)}>
      <Stack gap="sm">
        {schema.description !== undefined && (
          <Text size="sm" c="dimmed">
            <Prose text={schema.description} />
          </Text>
        )}
        {items}
        {rawErrors !== undefined && rawErrors.length > 0 && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {rawErrors.join(' ')}
          </Text>
        )}
        {canAdd === true && (
          <Group>
            <Button variant="default" size="xs" onClick={onAddClick}>
              Add to {title}
            </Button>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}

function ArrayFieldItemTemplate(props: ArrayFieldItemTemplateProps<unknown>): JSX.Element {
  const { children, buttonsProps, index } = props;
  return (
    <Stack gap="xs">
      {children}
      <Group>
        <Button
          variant="default"
          size="xs"
          onClick={buttonsProps.onRemoveItem}
          aria-label={`Remove number ${index + 1}`}
        >
          Remove
        </Button>
      </Group>
    </Stack>
  );
}

function legend(title: string, required: boolean | undefined): string {
  return required === true ? `${title} *` : title;
}

export const templates: Partial<TemplatesType<unknown>> = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
};
