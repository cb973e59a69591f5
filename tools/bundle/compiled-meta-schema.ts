import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import type { AnyValidateFunction } from 'ajv/dist/core.js';
import type { Plugin } from 'esbuild';
import { META_OPTIONS, META_SCHEMA_IDS } from '../../libs/mcp-openapi/src/arguments-validator/meta-options.ts';

/** A module that gives what libs/mcp-openapi/src/arguments-validator/meta-schema-2020.ts gives, with nothing to compile. */
export function compiledMetaSchemaText(): string {
  const ajv = new Ajv2020({ ...META_OPTIONS, code: { ...META_OPTIONS.code, source: true, esm: true } });
  const code = standalone.default(ajv, ajv.getSchema(META_SCHEMA_IDS['2020-12']) as AnyValidateFunction);
  return `${code}\nexport const metaSchemaOf2020 = () => validate;\n`;
}

/** Each start needs the meta-schema of 2020-12, and its compilation is 30 ms of half a second. */
export const compiledMetaSchema: Plugin = {
  name: 'compiled-meta-schema',
  setup({ onLoad, onEnd }) {
    let isUsed = false;
    onLoad({ filter: /[\\/]arguments-validator[\\/]meta-schema-2020\.js$/ }, () => {
      isUsed = true;
      return { contents: compiledMetaSchemaText() };
    });
    onEnd(() => (isUsed ? {} : { errors: [{ text: 'The bundle has no meta-schema-2020.js to be compiled.' }] }));
  },
};
