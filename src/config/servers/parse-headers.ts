import { checkHeaders } from './upstream-headers.js';

/** Headers from the text of a JSON object of strings, and what is wrong with them; never tells a value. */
export function parseHeaders(text: string): { readonly headers: Readonly<Record<string, string>>; readonly problems: readonly string[] } {
  const given = parsed(text);
  if (!isObjectOfTexts(given))
    return { headers: {}, problems: ['must be a JSON object of strings, like {"Authorization": "Bearer TOKEN"}'] };
  const { headers, problems } = checkHeaders(given);
  return { headers, problems: problems.map(({ name, problem }) => `${name}: ${problem}`) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObjectOfTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === 'string')
  );
}
