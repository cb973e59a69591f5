const MAX_DEPTH = 6;
const MAX_MEMBERS = 50;
const MAX_TEXT = 200;
const REDACTED = '[redacted]';

/** A value's keys and types, nothing of its content: `{title: "string", tags: ["string"]}`. */
export function payloadShape(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return depth === MAX_DEPTH ? 'array' : value.slice(0, 1).map((item) => payloadShape(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return depth === MAX_DEPTH ? 'object' : mapMembers(value, (member) => payloadShape(member, depth + 1));
}

/** A value with its secrets blotted out and its texts cut, for a log. What is named like a secret or looks like one is a secret, and so are `known` texts. */
export function redactedPayload(value: unknown, known: readonly string[] = [], depth = 0): unknown {
  if (typeof value === 'string') return redactedText(value, known);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return Array.isArray(value) ? '[array]' : '[object]';
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((item) => redactedPayload(item, known, depth + 1));
  return mapMembers(value, (member, name) => (SECRET_NAME.test(name) ? REDACTED : redactedPayload(member, known, depth + 1)));
}

function mapMembers(value: object, map: (member: unknown, name: string) => unknown): Record<string, unknown> {
  const members = Object.entries(value).slice(0, MAX_MEMBERS);
  return Object.fromEntries(members.map(([name, member]) => [name, map(member, name)]));
}

function redactedText(text: string, known: readonly string[]): string {
  const scanned = known.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text.slice(0, SCANNED));
  const clean = scanned.replaceAll(SECRET_TEXT, REDACTED);
  return clean.length > MAX_TEXT || text.length > SCANNED ? `${clean.slice(0, MAX_TEXT)}... (${text.length} characters)` : clean;
}

/** More than is shown, so that a secret is not cut in two and missed. */
const SCANNED = 4 * MAX_TEXT;
const SECRET_NAME = /token|secret|passw|authorization|api[-_]?key|credential|cookie|private[-_]?key|session[-_]?id/i;
/** Authorization values, JSON Web Tokens, keys with a known prefix, userinfo of URLs, and `name=value` of secrets. */
const SECRET_TEXT =
  /\b(?:bearer|basic)\s+[\w.~+/=-]{6,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abprs])[-_][\w-]{8,}|(?<=:\/\/)[^\s/@]+(?=@)|\b(?:\w*(?:token|secret|passw(?:or)?d|api[-_]?key)\w*)["']?\s*[=:]\s*["']?[^\s"',}&]+/gi;
