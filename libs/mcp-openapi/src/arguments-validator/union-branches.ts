import type { ErrorObject } from 'ajv';
import { isJsonObject } from '../json-object.js';
import type { SchemaReferences } from '../schema/schema-references.js';

const MAX_SCHEMAS = 2_000;

/** Is it the error of a union whose members all failed (or, of a `oneOf`, more than one fitted)? */
export function isUnionError({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

/** Where the errors of the members of the union that failed at `end` begin: ajv lists them right before it. */
export function startOfBranchErrors(errors: readonly ErrorObject[], end: number): number {
  const union = errors[end] as ErrorObject;
  let start = end;
  while (start > 0 && isInside(errors[start - 1] as ErrorObject, union)) start -= 1;
  return start;
}

function isInside(error: ErrorObject, { instancePath, parentSchema }: ErrorObject): boolean {
  const isSameValue = error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`);
  return isSameValue && error.parentSchema !== parentSchema;
}

/** The errors of each member of a union, in its order; an error goes to the first member that it can have come from. */
export function errorsByBranch(errors: readonly ErrorObject[], union: ErrorObject, references: SchemaReferences): ErrorObject[][] {
  const members: readonly unknown[] = Array.isArray(union.schema) ? union.schema : [];
  const reachable = members.map((member) => schemasWithin(member, references));
  const byBranch: ErrorObject[][] = members.map(() => []);
  let branch = 0;
  for (const error of errors) {
    const own = reachable.findIndex((schemas, index) => index >= branch && schemas.has(error.parentSchema));
    if (own !== -1) branch = own;
    byBranch[branch]?.push(error);
  }
  return byBranch;
}

function schemasWithin(member: unknown, references: SchemaReferences): Set<unknown> {
  const schemas = new Set<unknown>();
  const pending: unknown[] = [member];
  while (pending.length > 0 && schemas.size < MAX_SCHEMAS) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || schemas.has(node)) continue;
    schemas.add(node);
    if (isJsonObject(node) && typeof node['$ref'] === 'string') pending.push(references.resolve(node['$ref'])?.schema);
    pending.push(...Object.values(node));
  }
  return schemas;
}
