/** What the tools say against the documents and is meant to be so, by their names for it. Anything else that they say is a failure. */
export const EXCEPTIONS = {
  'rules of redocly': {
    'operation-operationId': 'GET at the path of a tool has none, for Open WebUI takes every operation that has one for a tool',
    'operation-4xx-response': 'health, readiness and metrics take no input: there is nothing to refuse',
  },
  'checks of schemathesis': {
    positive_data_acceptance: 'a schema cannot tell which ids exist, and a tool may say no to what fits its schema',
  },
  'operations of schemathesis': {
    import_tasks: 'waits between tasks for as long as its arguments say, longer than a request may take there',
  },
} as const;
