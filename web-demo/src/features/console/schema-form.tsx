// The package's index imports a validator that is not installed (see validator.ts).
import Form from '@rjsf/core/lib/components/Form.js';
import { useMemo, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { fields } from './form-fields.js';
import { templates } from './form-templates.js';
import { widgets } from './form-widgets.js';
import { isObject } from './json.js';
import type { JsonObject } from './json.js';
import { uiSchemaOf } from './ui-schema.js';
import { validator } from './validator.js';

interface SchemaFormProps {
  /** A simplified schema. */
  readonly schema: JsonObject;
  readonly data: JsonObject;
  readonly onChange: (data: JsonObject) => void;
  /** Called only with data that is valid. */
  readonly onSubmit: () => void;
  /** Rendered below the fields. */
  readonly children: ReactNode;
}

/** A form for a JSON Schema. It validates on the first submit, and on every change after a failed one. */
export function SchemaForm({ schema, data, onChange, onSubmit, children }: SchemaFormProps): JSX.Element {
  const [wasTried, setTried] = useState(false);
  const uiSchema = useMemo(() => uiSchemaOf(schema), [schema]);
  return (
    <Form<unknown>
      schema={schema}
      uiSchema={uiSchema}
      formData={data}
      validator={validator}
      widgets={widgets}
      fields={fields}
      templates={templates}
      idPrefix="argument"
      noHtml5Validate
      showErrorList={false}
      focusOnFirstError
      liveValidate={wasTried ? 'onChange' : false}
      experimental_defaultFormStateBehavior={DEFAULTS}
      onChange={({ formData }) => onChange(isObject(formData) ? formData : {})}
      onSubmit={onSubmit}
      onError={() => setTried(true)}
    >
      {children}
    </Form>
  );
}

/** Keeps values that the user did not enter out of the request. */
const DEFAULTS = { emptyObjectFields: 'skipDefaults', arrayMinItems: { populate: 'never' } } as const;
