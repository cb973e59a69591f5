export { type ArgumentsValidator, compileValidator } from './compile-validator.js';
