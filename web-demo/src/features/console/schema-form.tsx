// Not from the package's index: that wants the validator which is not installed (see validator.ts).
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
  /** Simplified. */
  readonly schema: JsonObject;
  readonly data: JsonObject;
  readonly onChange: (data: JsonObject) => void;
  /** The data fits the schema. */
  readonly onSubmit: () => void;
  /** Below the fields: what sends. */
  readonly children: ReactNode;
}

/** A form made from a JSON Schema. It finds fault when it is sent, and from then on while it is filled in. */
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

/** Nothing appears in a request that nobody filled in. */
const DEFAULTS = { emptyObjectFields: 'skipDefaults', arrayMinItems: { populate: 'never' } } as const;
