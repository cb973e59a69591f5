/** What the test servers ask of a client, in the shape that the suite looks for. */

export const form = (message: string, properties: object, required: readonly string[] = Object.keys(properties)) => ({
  mode: 'form' as const,
  message,
  requestedSchema: { type: 'object' as const, properties, required: [...required] },
});

export const sampling = (prompt: string, maxTokens = 100) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }],
  maxTokens,
});

const string = (description: string) => ({ type: 'string', description });

export const whoAreYou = (message: string) => form(message, { username: string("User's response"), email: string("User's email address") });

/** A default for each primitive type (SEP-1034). */
export const WITH_DEFAULTS = form(
  'Please correct what is not so',
  {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  [],
);

const options = ['option1', 'option2', 'option3'];
const titled = (kind: string) => ['First', 'Second', 'Third'].map((title, at) => ({ const: `value${at + 1}`, title: `${title} ${kind}` }));

/** Every form of a choice (SEP-1330). */
export const CHOICES = form(
  'Please choose',
  {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
  [],
);
