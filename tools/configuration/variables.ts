import { z } from 'zod';
import { ENVIRONMENT, ENVIRONMENT_DESCRIPTIONS } from './sources.ts';

/** An environment variable of the gateway, as its schema and its description have it. */
export interface Variable {
  readonly name: string;
  /** As it would be written in the environment. */
  readonly fallback: string | undefined;
  readonly range?: { readonly minimum: number; readonly maximum: number };
  readonly words?: readonly string[];
  readonly meaning: string;
}

const schemas = z.toJSONSchema(ENVIRONMENT, { io: 'input' }).properties ?? {};

/** In the order in which they are described. */
export const VARIABLES: readonly Variable[] = Object.entries(ENVIRONMENT_DESCRIPTIONS).map(([name, meaning]) => ({
  name,
  meaning,
  ...ofSchema(schemas[name] as z.core.JSONSchema.Schema),
}));

function ofSchema({ default: fallback, minimum, maximum, enum: words }: z.core.JSONSchema.Schema) {
  return {
    fallback: fallback === '' ? undefined : (fallback as string | undefined),
    ...(minimum !== undefined && maximum !== undefined && { range: { minimum, maximum } }),
    ...(words && { words: words as string[] }),
  };
}
