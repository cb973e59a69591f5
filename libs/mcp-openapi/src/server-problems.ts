import { ALL_ARGUMENTS, pathOfSteps } from './arguments-validator/field-path.js';
import { isJsonObject } from './json-object.js';
import type { JsonObject } from './mcp-types.js';
import { plainText } from './plain-text.js';
import type { Problem } from './problem.js';

const MAX_PROBLEMS = 20;
const MAX_ISSUE_LENGTH = 500;
const MAX_STEPS = 64;

/** Where validators put their lists: our own, zod, pydantic and class-validator, ajv. */
const LISTS = ['problems', 'issues', 'errors', 'validationErrors'];
/** How they call the place of a problem: ours, zod and valibot, pydantic, ajv of today and of old. */
const PLACES = ['field', 'path', 'loc', 'instancePath', 'dataPath', 'property'];
const WORDS = ['issue', 'message', 'msg', 'reason'];

/** In front of the arguments where a server judges the whole request. */
const AROUND = [['params', 'arguments'], ['arguments'], ['body']];

/** The problems that a server's own words about arguments hold, each at its place as the gateway writes places; none where it has no list that is known. */
export function serverProblems(data: unknown): Problem[] {
  const list = Array.isArray(data) ? data : isJsonObject(data) ? (listIn(data) ?? [data]) : [];
  return list.slice(0, MAX_PROBLEMS).flatMap((entry: unknown) => {
    const problem = isJsonObject(entry) ? toProblem(entry) : undefined;
    return problem ? [problem] : [];
  });
}

function listIn(data: JsonObject): readonly unknown[] | undefined {
  return LISTS.map((key) => data[key]).find((list): list is readonly unknown[] => Array.isArray(list));
}

function toProblem(entry: JsonObject): Problem | undefined {
  const place = PLACES.map((key) => entry[key]).find((value) => typeof value === 'string' || Array.isArray(value));
  const issue = WORDS.map((key) => plainText(entry[key], MAX_ISSUE_LENGTH)).find(Boolean);
  return place === undefined || issue === undefined ? undefined : { field: fieldAt(place), issue };
}

/** One place: a list of steps, a JSON pointer (RFC 6901), a JSONPath (RFC 9535), or a path with dots and brackets. */
function fieldAt(place: unknown): string {
  const steps = (Array.isArray(place) ? place.map(String) : stepsOf(place as string)).slice(0, MAX_STEPS);
  const around = AROUND.find((outer) => outer.length < steps.length && outer.every((step, index) => steps[index] === step));
  return (
    pathOfSteps(steps.slice(around?.length ?? 0).map((step) => (/^\d{1,9}$/.test(step) ? Number(step) : plainText(step, 100)))) ||
    ALL_ARGUMENTS
  );
}

function stepsOf(text: string): string[] {
  const place = text.slice(0, 1_000);
  if (/^#?\//.test(place))
    return place
      .replace(/^#?\//, '')
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const steps = place.replace(/^\$\.?/, '').matchAll(/\[(?:"([^"]*)"|'([^']*)'|(\d+))\]|([^.[\]]+)/g);
  return [...steps].map(([, double, single, index, name]) => double ?? single ?? index ?? name ?? '');
}
