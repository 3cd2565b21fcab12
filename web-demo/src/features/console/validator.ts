import { toErrorSchema } from '@rjsf/utils';
import type { RJSFSchema, RJSFValidationError, ValidatorType } from '@rjsf/utils';
import { pruned } from './request.js';
import { violationsOf } from './violations.js';

/**
 * RJSF's usual validator compiles schemas into functions, which the page's Content-Security-Policy forbids (no
 * `eval`, no `new Function`). This one interprets them. What was left empty is left out before, as when it is sent.
 */
export const validator: ValidatorType<unknown> = {
  validateFormData(formData, schema) {
    const errors = errorsOf(formData, schema);
    return { errors, errorSchema: toErrorSchema(errors) };
  },
  isValid(schema, formData) {
    return errorsOf(formData, schema).length === 0;
  },
  // Only a playground asks for it.
  rawValidation: () => ({ errors: [] }),
};

function errorsOf(formData: unknown, schema: RJSFSchema): RJSFValidationError[] {
  return violationsOf(pruned(formData, schema) ?? {}, schema).map(({ path, message }) => ({
    property: `.${path.join('.')}`,
    message,
    stack: message,
  }));
}
