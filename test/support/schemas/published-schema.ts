/**
 * Everything in a published schema that readers of OpenAPI documents stumble over, by place: a schema that is no object, a keyword that Open
 * WebUI reads wrongly or that refers to another place, a schema without a type, null where a list belongs.
 */
export function problemsOfPublished(schema: unknown, place = '#'): string[] {
  if (!isObject(schema)) return [`${place} is ${JSON.stringify(schema)}`];
  return [
    ...FORBIDDEN.filter((keyword) => Object.hasOwn(schema, keyword)).map((keyword) => `${place} has ${keyword}`),
    ...(isTyped(schema) || mayBeAnything(schema, place) ? [] : [`${place} has no type`]),
    ...(Object.hasOwn(schema, 'required') && !Array.isArray(schema['required']) ? [`${place} has required: ${schema['required']}`] : []),
    ...innerSchemas(schema, place).flatMap(([inner, innerPlace]) => problemsOfPublished(inner, innerPlace)),
  ];
}

const FORBIDDEN =
  `$ref $defs definitions $dynamicRef $recursiveRef $id id $anchor $dynamicAnchor oneOf allOf const nullable additionalItems dependencies`.split(
    ' ',
  );
const MAPS_OF_SCHEMAS = ['properties', 'patternProperties', 'dependentSchemas'];
const LISTS_OF_SCHEMAS = ['anyOf', 'prefixItems'];
const SCHEMAS = ['items', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'];

function innerSchemas(schema: Values, place: string): [unknown, string][] {
  const { additionalProperties } = schema;
  return [
    ...MAPS_OF_SCHEMAS.flatMap((keyword) => entriesAt(schema, keyword, place)),
    ...LISTS_OF_SCHEMAS.flatMap((keyword) => entriesAt(schema, keyword, place)),
    ...SCHEMAS.filter((keyword) => Object.hasOwn(schema, keyword)).map((keyword): [unknown, string] => [
      schema[keyword],
      `${place}/${keyword}`,
    ]),
    ...(isObject(additionalProperties) ? [[additionalProperties, `${place}/additionalProperties`] as [unknown, string]] : []),
  ];
}

function entriesAt(schema: Values, keyword: string, place: string): [unknown, string][] {
  if (!Object.hasOwn(schema, keyword)) return [];
  return Object.entries((schema[keyword] ?? { null: null }) as Values).map(([key, inner]) => [inner, `${place}/${keyword}/${key}`]);
}

function isTyped(schema: Values): boolean {
  return Object.hasOwn(schema, 'type') || Object.hasOwn(schema, 'anyOf');
}

/** Items of arrays in arrays in arrays have to end somewhere. */
function mayBeAnything(schema: Values, place: string): boolean {
  return place.endsWith('/items') && Object.keys(schema).length === 0;
}

type Values = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
