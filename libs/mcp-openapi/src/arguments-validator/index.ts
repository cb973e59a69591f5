export { type ArgumentsValidator, compileValidator, type ValidationMode } from './compile-validator.js';
