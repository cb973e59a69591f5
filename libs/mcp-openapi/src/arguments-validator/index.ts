export { type ArgumentsValidator, compileValidator, type ValidationMode, type ValidatorOptions } from './compile-validator.js';
