import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { nameStems, stemOf } from '../sentence/read-words.js';

/** What a value is in a sentence. */
export type SlotKind = 'date' | 'enum' | 'boolean' | 'number' | 'path' | 'pattern' | 'uri' | 'id' | 'person' | 'search' | 'text' | 'json';

/** A value that a tool takes: an argument, or a property of the objects that its argument lists. */
export interface Slot {
  /** The argument. */
  readonly argument: string;
  /** The property of the objects in its list. */
  readonly property: string | undefined;
  readonly kind: SlotKind;
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly stems: readonly string[];
  readonly description: string;
  readonly descriptionStems: ReadonlySet<string>;
  readonly schema: JsonObject;
  readonly choices: readonly string[];
}

const MAX_SLOTS = 40;
const MAX_CHOICES = 100;
const MAX_DESCRIPTION = 300;

/** The slots of an inputSchema in its order, those of the objects in a list in place of the list. */
export function slotsOf(inputSchema: JsonObject): Slot[] {
  return propertiesOf(inputSchema).flatMap(([argument, schema, isRequired]): Slot[] => {
    const item = typeOf(schema) === 'array' && isJsonObject(schema['items']) ? schema['items'] : undefined;
    const inner = item && typeOf(item) === 'object' ? propertiesOf(item) : [];
    if (inner.length === 0) return [slotOf(argument, undefined, schema, isRequired)];
    return inner.map(([name, innerSchema, isNeeded]) => slotOf(argument, name, innerSchema, isRequired && isNeeded));
  });
}

function propertiesOf(schema: JsonObject): [string, JsonObject, boolean][] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(properties)
    .filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]) && entry[0] !== '__proto__')
    .slice(0, MAX_SLOTS)
    .map(([name, property]) => [name, property, required.has(name)]);
}

function slotOf(argument: string, property: string | undefined, whole: JsonObject, isRequired: boolean): Slot {
  const isList = typeOf(whole) === 'array';
  const schema = isList && isJsonObject(whole['items']) ? whole['items'] : whole;
  const said = whole['description'] ?? schema['description'];
  const description = typeof said === 'string' ? said.slice(0, MAX_DESCRIPTION) : '';
  const stems = nameStems(property ?? argument);
  const choices = choicesOf(schema);
  const kind = kindOf(schema, stems, choices);
  return {
    argument,
    property,
    kind,
    isList,
    isRequired,
    stems,
    description,
    descriptionStems: new Set(nameStems(description)),
    schema,
    choices,
  };
}

function choicesOf(schema: JsonObject): string[] {
  const listed = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  return listed.slice(0, MAX_CHOICES).filter((choice): choice is string => typeof choice === 'string' && choice !== '');
}

/** The type a value is read as: the first that is not null. */
export function typeOf(schema: JsonObject): string | undefined {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((one): one is string => typeof one === 'string' && one !== 'null');
  if (typeof type === 'string') return type;
  if (isJsonObject(schema['properties'])) return 'object';
  return 'items' in schema ? 'array' : undefined;
}

const of = (text: string) => new Set(text.split(' ').map(stemOf));
const PATHS = of('path paths file filename filepath directory folder dir source destination src dest');
const PERSONS = of('assignee assignees owner author user person member recipient attendee reviewer');
const SEARCHES = of('query search keyword keywords q term terms topic');
const DATES = of('date day deadline due');
const IDS = of('id ids uuid key');

function kindOf(schema: JsonObject, stems: readonly string[], choices: readonly string[]): SlotKind {
  const type = typeOf(schema);
  const { format } = schema;
  if (choices.length > 0) return 'enum';
  if (type === 'boolean') return 'boolean';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'object' || type === 'array') return 'json';
  if (format === 'date' || format === 'date-time') return 'date';
  const last = stems.at(-1) ?? '';
  if (IDS.has(last)) return 'id';
  if (DATES.has(last)) return 'date';
  if (format === 'uri' || last === 'url' || last === 'uri') return 'uri';
  if (PATHS.has(last)) return 'path';
  if (last === 'pattern' || last === 'glob') return 'pattern';
  if (PERSONS.has(last)) return 'person';
  return SEARCHES.has(last) ? 'search' : 'text';
}
