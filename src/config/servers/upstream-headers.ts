/** About the connection or the message, never about the request's meaning (RFC 9110 7.6.1): a fixed value would break every request. */
const REFUSED = [
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'content-length',
  'expect',
];
/** The gateway says these as each request needs them. */
const OURS = [
  'accept',
  'accept-encoding',
  'content-type',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
  'traceparent',
  'tracestate',
];

/** Whether the header, named in lower case, is the gateway's to say or belongs to the connection. */
export function isSetByGateway(name: string): boolean {
  return REFUSED.includes(name) || OURS.includes(name);
}

/** Headers that can be sent, names in lower case, and what is wrong with or left out of those given. Never tells a value. */
interface CheckedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly problems: readonly { readonly name: string; readonly problem: string }[];
  readonly warnings: readonly { readonly name: string; readonly problem: string }[];
}

/** Judges headers that are to be sent with every request to a server. */
export function checkHeaders(given: Readonly<Record<string, string>>): CheckedHeaders {
  const headers = new Map<string, string>();
  const problems: { name: string; problem: string }[] = [];
  const warnings: { name: string; problem: string }[] = [];
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    const problem = headerProblem(lower, value) ?? (headers.has(lower) ? 'given twice' : undefined);
    if (problem) problems.push({ name, problem });
    else if (OURS.includes(lower)) warnings.push({ name, problem: 'ignored: the gateway sets this header' });
    else headers.set(lower, value);
  }
  return { headers: Object.fromEntries(headers), problems, warnings };
}

function headerProblem(name: string, value: string): string | undefined {
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return 'not the name of a header';
  if (REFUSED.includes(name)) return 'belongs to the connection and must not be set';
  if (/[\r\n\0]/.test(value)) return 'must not hold line breaks';
  return /[^\t\x20-\x7e\x80-\xff]/.test(value) ? 'must hold ASCII or Latin-1 characters only' : undefined;
}
