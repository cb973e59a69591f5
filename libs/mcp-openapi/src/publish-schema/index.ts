export { publishArguments, publishOutput, publishSchema } from './publish-schema.js';
