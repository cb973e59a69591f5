export type { FormatsMode } from './ajv-dialects.js';
export { type ArgumentsValidator, compileValidator, type ValidationMode } from './compile-validator.js';
