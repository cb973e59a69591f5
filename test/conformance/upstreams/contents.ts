/** What both generations of test servers offer alike: the tools that need nobody, the resources and the prompts that the suite asks for by name. */

/** One pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** A header and no sound. */
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

export const text = (value: string) => ({ type: 'text' as const, text: value });
const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' };
const audio = { type: 'audio' as const, data: WAV, mimeType: 'audio/wav' };
const embedded = (uri: string, mimeType: string, content: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: content },
});

export interface Result {
  [key: string]: unknown;
  content: ReturnType<typeof text>[];
}
export const said = (value: string): Result => ({ content: [text(value)] });

export const NO_ARGUMENTS = { type: 'object' as const, properties: {} };

/** Tools whose answer is always the same, by name. */
export const FIXED_RESULTS: Readonly<Record<string, object>> = {
  test_simple_text: { content: [text('This is a simple text response for testing.')] },
  test_image_content: { content: [image] },
  test_audio_content: { content: [audio] },
  test_embedded_resource: { content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')] },
  test_multiple_content_types: {
    content: [
      text('Multiple content types test:'),
      image,
      embedded('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
    ],
  },
  test_error_handling: { content: [text('This tool intentionally returns an error for testing')], isError: true },
};

const DOCUMENTS: Readonly<Record<string, { name: string; mimeType: string; text?: string; blob?: string }>> = {
  'test://static-text': { name: 'static-text', mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { name: 'static-binary', mimeType: 'image/png', blob: PNG },
  'test://watched-resource': { name: 'watched-resource', mimeType: 'text/plain', text: 'Watched resource content' },
};

export const RESOURCES = Object.entries(DOCUMENTS).map(([uri, { name, mimeType }]) => ({
  uri,
  name,
  description: `What is read at ${uri}`,
  mimeType,
}));

export const TEMPLATES = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template-data',
    description: 'One document for each id',
    mimeType: 'application/json',
  },
];

/** The contents behind the address, or nothing where there are none. */
export function documentAt(uri: string): object | undefined {
  const found = DOCUMENTS[uri];
  if (found) return { uri, mimeType: found.mimeType, ...(found.blob ? { blob: found.blob } : { text: found.text }) };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) return undefined;
  return { uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) };
}

const argument = (name: string) => ({ name, description: `The prompt's ${name}`, required: true });

export const PROMPTS = [
  { name: 'test_simple_prompt', description: 'A prompt without arguments' },
  { name: 'test_prompt_with_arguments', description: 'A prompt with two arguments', arguments: [argument('arg1'), argument('arg2')] },
  { name: 'test_prompt_with_embedded_resource', description: 'A prompt that embeds a resource', arguments: [argument('resourceUri')] },
  { name: 'test_prompt_with_image', description: 'A prompt that holds an image' },
];

const user = (content: object) => ({ role: 'user' as const, content });

/** The prompt's messages, or nothing where there is no such prompt. */
export function messagesOf(name: string, args: Readonly<Record<string, string>> = {}): object[] | undefined {
  switch (name) {
    case 'test_simple_prompt':
      return [user(text('This is a simple prompt for testing.'))];
    case 'test_prompt_with_arguments':
      return [user(text(`Prompt with arguments: arg1='${args.arg1}', arg2='${args.arg2}'`))];
    case 'test_prompt_with_embedded_resource':
      return [
        user(embedded(String(args.resourceUri), 'text/plain', 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ];
    case 'test_prompt_with_image':
      return [user(image), user(text('Please analyze the image above.'))];
    default:
      return undefined;
  }
}

/** Values that begin with what was typed. */
export const completed = (typed: string) => ({
  completion: { values: ['testing', 'test', 'tested'].filter((value) => value.startsWith(typed)), hasMore: false },
});
