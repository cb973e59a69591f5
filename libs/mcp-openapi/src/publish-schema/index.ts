export { entriesOf } from './entries.js';
export { publishArguments, takesEntries } from './publish-arguments.js';
export { publishOutput, publishSchema } from './publish-schema.js';
