import { toErrorSchema } from '@rjsf/utils';
import type { RJSFSchema, RJSFValidationError, ValidatorType } from '@rjsf/utils';
import { pruned } from './request.js';
import { violationsOf } from './violations.js';

/**
 * RJSF's default validator compiles schemas into functions, which the page's Content-Security-Policy forbids (no
 * `eval`, no `new Function`). This one interprets them. Empty values are removed first, as before sending.
 */
export const validator: ValidatorType<unknown> = {
  validateFormData(formData, schema) {
    const errors = errorsOf(formData, schema);
    return { errors, errorSchema: toErrorSchema(errors) };
  },
  isValid(schema, formData) {
    return errorsOf(formData, schema).length === 0;
  },
  // Used by RJSF's playground only.
  rawValidation: () => ({ errors: [] }),
};

function errorsOf(formData: unknown, schema: RJSFSchema): RJSFValidationError[] {
  return violationsOf(pruned(formData, schema) ?? {}, schema).map(({ path, message }) => ({
    property: `.${path.join('.')}`,
    message,
    stack: message,
  }));
}
