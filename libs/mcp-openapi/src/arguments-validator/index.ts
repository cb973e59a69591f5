export type { FormatsMode } from './ajv-dialects.js';
export { type ArgumentsValidator, compileValidator } from './compile-validator.js';
