import type { ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { temporarilyUnavailable } from '../../errors/failed-outcome.js';
import type { CallerCredentials, UpstreamAnswer } from '@app/mcp-transport';
import type { UpstreamSettings } from '../../config/upstream-settings.js';
import { notAsked } from '../questions/not-asked.js';
import { isOwnRefusal } from '../../mcp-client/refusal.js';

type Answer = Exclude<UpstreamAnswer, { kind: 'rpc_error' }>;

/** What is asked of an upstream to tell what its answer means. */
interface AnsweringUpstream {
  readonly retryAfterSeconds: number;
  readonly noToken: string | undefined;
  readonly settings: UpstreamSettings;
}

/** What an upstream's answer, or its absence, means for the caller, with whose `credentials` the call was sent. */
export function answerToOutcome(
  answer: Answer,
  entry: CatalogEntry,
  upstream: AnsweringUpstream,
  credentials: CallerCredentials | undefined,
): ToolOutcome {
  switch (answer.kind) {
    case 'result':
      if (answer.result.value.resultType === 'input_required') return notAsked(entry.publishedName);
      return { kind: answer.result.value.isError === true ? 'tool_error' : 'result', result: answer.result };
    case 'unreachable':
      return unavailable(entry, upstream.retryAfterSeconds, unreachable(answer.noToken ?? upstream.noToken));
    case 'busy':
      return unavailable(entry, 1, `The MCP server has too many calls to answer (${answer.message}); the tool did not run.`);
    case 'paused':
      return unavailable(
        entry,
        answer.retryAfterSeconds,
        'The MCP server failed several times in a row, so calls to it are paused; the tool did not run.',
      );
    case 'http_status':
      if (isOwnRefusal(answer.status, upstream.settings, credentials)) return ownRefused(answer.status, entry);
      return httpStatusToOutcome(answer, entry, credentials ? undefined : whichItMayWant(upstream.settings));
    case 'unreadable':
      return {
        kind: 'unavailable',
        type: 'upstream_error',
        message: answer.message,
        details: { server: entry.server, outcome: 'unknown' },
      };
    case 'lost':
      return unknownOutcome(`The connection to the MCP server ended before it answered: ${nameOf(entry)} may have run.`, entry);
    case 'timeout':
      return timedOut(answer, entry);
    case 'cancelled':
      return unknownOutcome(`The caller left before ${nameOf(entry)} answered.`, entry);
    default: {
      const exhaustive: never = answer;
      return exhaustive;
    }
  }
}

/** Which credentials a server may want that got none with a call. */
function whichItMayWant(settings: UpstreamSettings): string {
  const forwarded = settings.kind === 'http' ? settings.forwardHeaders : [];
  return forwarded.length > 0 ? `what callers send in ${forwarded.join(', ')}` : 'some that whoever runs the gateway gives it';
}

/** An HTTP status in place of a JSON-RPC answer. Its body may be anything and is not shown. `wanted`: where the call came without credentials. */
function httpStatusToOutcome(
  answer: Extract<Answer, { kind: 'http_status' }>,
  entry: CatalogEntry,
  wanted: string | undefined,
): ToolOutcome {
  const { status, retryAfterSeconds, limitHeaders } = answer;
  const { server } = entry;
  if (status === 401 || status === 403) {
    const message =
      wanted === undefined
        ? `The MCP server "${server}" refused the credentials that came with the call (HTTP ${status}).`
        : `The MCP server "${server}" refused the call (HTTP ${status}), which came without credentials; it may want ${wanted}.`;
    return { kind: 'rejected', type: 'permission_error', message, details: { reason: 'upstream_credentials', server } };
  }
  if (status === 429) {
    const seconds = retryAfterSeconds ?? 1;
    const message = `The MCP server "${server}" limits calls: try again in ${seconds} s.`;
    const details = { scope: 'upstream', server };
    return { kind: 'rejected', type: 'rate_limit_error', message, details, retryAfterSeconds: seconds, headers: limitHeaders };
  }
  if (status === 503) return unavailable(entry, retryAfterSeconds ?? 1, 'The MCP server says that it is unavailable (HTTP 503).');
  const message = `The MCP server "${server}" answered HTTP ${status} instead of a result.`;
  return { kind: 'unavailable', type: 'upstream_error', message, details: { server, status } };
}

/** Not the caller's to mend. */
function ownRefused(status: number, { server }: CatalogEntry): ToolOutcome {
  const message = `The MCP server "${server}" refused the gateway's own credentials (HTTP ${status}): whoever runs the gateway has to renew them. The tool did not run.`;
  return { kind: 'unavailable', type: 'upstream_error', message, details: { server, status, reason: 'gateway_credentials' } };
}

function unreachable(noToken: string | undefined): string {
  return noToken === undefined ? 'The MCP server cannot be reached; the tool did not run.' : `${noToken} The tool did not run.`;
}

function timedOut(answer: Extract<Answer, { kind: 'timeout' }>, entry: CatalogEntry): ToolOutcome {
  const { limit, seconds, sent } = answer;
  if (!sent) return unavailable(entry, 1, `No connection to the MCP server within ${seconds} s (${limit}); the tool did not run.`);
  const what = limit === 'REQUEST_TIMEOUT' ? 'gave no sign of life for' : 'did not end within';
  const message = `${nameOf(entry)} ${what} ${seconds} s (${limit}). It may have run.`;
  return { kind: 'unknown', type: 'upstream_timeout', message, details: { server: entry.server, limit, seconds, outcome: 'unknown' } };
}

function unknownOutcome(message: string, entry: CatalogEntry): ToolOutcome {
  return { kind: 'unknown', type: 'outcome_unknown', message, details: { server: entry.server, outcome: 'unknown' } };
}

function unavailable(entry: CatalogEntry, retryAfterSeconds: number, reason: string): ToolOutcome {
  return temporarilyUnavailable({ server: entry.server, reason }, retryAfterSeconds);
}

function nameOf(entry: CatalogEntry): string {
  return `"${entry.publishedName}"`;
}
