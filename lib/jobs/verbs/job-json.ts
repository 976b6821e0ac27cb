import type { StandardSchemaV1 } from '@standard-schema/spec';
import { JobsError } from '../../errors/jobs.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { encodePayload } from '../../events/payload/encode-payload.js';
import { JOB_JSON_LIMIT } from '../schema/job-entities.js';

/**
 * Checks the metadata of a job: by the type's schema, whose output is kept, and by size.
 *
 * @throws JobsError, PayloadError naming the field.
 */
export async function checkMetadata(
  value: unknown,
  schema: StandardSchemaV1 | undefined,
): Promise<Record<string, unknown>> {
  const checked = await checkJson('metadata', value, schema);
  if (typeof checked === 'object' && checked !== null && !Array.isArray(checked)) {
    return checked as Record<string, unknown>;
  }
  throw new JobsError(`metadata: must be an object, but is ${kindOf(checked)}.`);
}

/**
 * Checks the result of a job in the same way; it may be any JSON.
 *
 * @throws JobsError, PayloadError naming the field.
 */
export async function checkResult(value: unknown, schema: StandardSchemaV1 | undefined): Promise<unknown> {
  return checkJson('result', value, schema);
}

async function checkJson(field: string, value: unknown, schema: StandardSchemaV1 | undefined): Promise<unknown> {
  const checked = schema === undefined ? value : await validated(field, value, schema);
  return JSON.parse(encodePayload(checked, { root: field, limitBytes: JOB_JSON_LIMIT }));
}

async function validated(field: string, value: unknown, schema: StandardSchemaV1): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = (issue?.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  throw new JobsError(`${[field, ...path].join('.')}: ${issue?.message ?? 'is refused by the schema'}`);
}
