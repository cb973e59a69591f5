/**
 * Open WebUI's reader of OpenAPI documents (0.12.4, backend/open_webui/utils/tools.py: convert_openapi_to_tool_payload, resolve_schema,
 * clean_properties), written anew. Like the real one it throws where Python would: at a schema that is `true`, at null where it iterates,
 * and at what is nested deeper than Python's stack bears. Header and query parameters are not read: the gateway has none.
 */
export interface ToolPayload {
  readonly name: unknown;
  readonly description: unknown;
  readonly parameters: JsonMap;
}

export interface JsonMap {
  [key: string]: unknown;
}

/** The tools of a document as Open WebUI makes them when it fetches it. */
export function convertOpenApiToToolPayload(document: JsonMap): ToolPayload[] {
  const tools: ToolPayload[] = [];
  for (const methods of Object.values(mapOf(get(document, 'paths', {})))) {
    if (!isMap(methods)) continue;
    for (const [method, operation] of Object.entries(methods))
      if (METHODS.has(method) && isMap(operation) && operation['operationId']) tools.push(toTool(operation, document));
  }
  return tools;
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

function toTool(operation: JsonMap, document: JsonMap): ToolPayload {
  if (operation['parameters'] !== undefined) throw new Error('This reader does not read parameters.');
  const description = get(operation, 'description', get(operation, 'summary', 'No description available.'));
  const parameters = parametersOf(operation['requestBody'], get(document, 'components', {}));
  return { name: operation['operationId'], description, parameters };
}

function parametersOf(requestBody: unknown, components: unknown): JsonMap {
  const none = { type: 'object', properties: {}, required: [] };
  if (isFalsy(requestBody)) return none;
  const content = get(requestBody, 'content', {});
  const schema = get(get(content, 'application/json', {}), 'schema', null);
  if (isFalsy(schema)) return none;
  const resolved = mapOf(resolveSchema(schema, components));
  if (!isFalsy(resolved['properties'])) {
    const required = 'required' in resolved ? [...new Set(listOf(resolved['required']))] : [];
    return { type: 'object', properties: copyOf(mapOf(resolved['properties'])), required };
  }
  return resolved['type'] === 'array' ? resolved : none;
}

/** How many schemas may lie in each other: Python's stack of 1,000 frames holds copy.deepcopy's two for each level of JSON, and Open WebUI's own. */
const MAX_DEPTH = 150;

/** `resolve_schema`: the schema with its references replaced; what is no map comes back as it is, as in Python. */
export function resolveSchema(schema: unknown, components: unknown, seen: ReadonlySet<string> = new Set(), depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new RangeError('RecursionError: maximum recursion depth exceeded');
  if (isFalsy(schema)) return {};
  if (typeof schema === 'boolean' || typeof schema === 'number') throw new TypeError(`argument of type '${typeof schema}' is not iterable`);
  if (!isMap(schema)) return schema;
  if ('$ref' in schema) return resolveReference(schema['$ref'], components, seen, depth);
  const resolved = copyOf(schema);
  const resolve = (inner: unknown) => resolveSchema(inner, components, seen, depth + 1);
  if ('properties' in schema) {
    const properties = Object.entries(mapOf(schema['properties'])).map(([name, property]) => [name, resolve(property)] as const);
    resolved['properties'] = Object.fromEntries(properties);
  }
  if ('items' in schema) resolved['items'] = resolve(schema['items']);
  for (const keyword of ['oneOf', 'anyOf', 'allOf'])
    if (Array.isArray(schema[keyword])) resolved[keyword] = (schema[keyword] as unknown[]).map(resolve);
  return resolved;
}

function resolveReference(reference: unknown, components: unknown, seen: ReadonlySet<string>, depth: number): unknown {
  if (typeof reference !== 'string') throw new TypeError(`'${typeof reference}' object has no attribute 'split'`);
  const name = reference.split('/').at(-1) as string;
  if (seen.has(name)) return {};
  const [, ...steps] = reference.replace(/^[#/]+|[#/]+$/g, '').split('/');
  const target = steps.reduce((node, step) => get(node, step, {}), components);
  return resolveSchema(target, components, new Set([...seen, name]), depth + 1);
}

/**
 * `clean_openai_tool_schema`: the parameters as the model gets them. `onGuess` hears of each schema that gets `type: string` because it has
 * no type, anyOf or properties.
 */
export function cleanParameters(parameters: JsonMap, onGuess?: (schema: JsonMap) => void): JsonMap {
  const cleaned = structuredClone(parameters);
  cleanProperties(cleaned, onGuess);
  return cleaned;
}

function cleanProperties(schema: unknown, onGuess?: (schema: JsonMap) => void): void {
  if (!isMap(schema)) return;
  if ('anyOf' in schema) collapseUnion(schema);
  if (schema['default'] === null) delete schema['default'];
  if (!('type' in schema) && !('anyOf' in schema) && !('properties' in schema)) {
    onGuess?.(structuredClone(schema));
    schema['type'] = 'string';
  }
  if ('properties' in schema) for (const property of Object.values(mapOf(schema['properties']))) cleanProperties(property, onGuess);
  if ('items' in schema) cleanProperties(schema['items'], onGuess);
}

/** A union with null becomes its one other member, whose keywords win over those beside the union; a union of that member's own is lost. */
function collapseUnion(schema: JsonMap): void {
  const others = listOf(schema['anyOf']).filter((member) => mapOf(member)['type'] !== 'null');
  if (others.length === 1) {
    Object.assign(schema, others[0]);
    delete schema['anyOf'];
  } else schema['anyOf'] = others;
}

/** Empty, zero, false and null count as nothing in Python. */
function isFalsy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return !value;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Python's `map.get(key, fallback)`. */
function get(map: unknown, key: string, fallback: unknown): unknown {
  const own = mapOf(map);
  return Object.hasOwn(own, key) ? own[key] : fallback;
}

/** What has `.get()` and `.items()` in Python. */
function mapOf(value: unknown): JsonMap {
  if (isMap(value)) return value;
  throw new TypeError(`'${value === null ? 'NoneType' : typeof value}' object has no attribute 'items'`);
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`'${value === null ? 'NoneType' : typeof value}' object is not iterable`);
}

/** One level deep, keys such as `__proto__` included. */
function copyOf(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map));
}
