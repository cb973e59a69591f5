import type { JsonObject, JsonText, McpTool } from '@app/mcp-openapi';
import type { CallSignal } from '@app/mcp-transport';
import type { Caller } from '../correlation/caller.js';
import type { RequestContext } from '../correlation/request-context.js';
import type { Admission, WhenFull } from '../throttler/admissions.service.js';
import type { Asker } from './questions/asker.js';
import type { CallProgress } from './progress/call-progress.js';

/** The arguments of a call: one JSON object as text, as it came, and as parsed. What is validated is what is sent. */
export type CallArguments = JsonText<JsonObject>;

/** Where the tool's schema decides how they are to be read, a reader that is asked once the tool is known. */
export type GivenArguments = CallArguments | ((tool: McpTool) => CallArguments);

/** Is told how far a call is: as its server reports it, but of floods the latest. */
export type OnProgress = (progress: CallProgress) => void;

/** A tool call as a face asks for it. */
export interface ToolCallRequest {
  /** As the caller named it. */
  readonly name: string;
  /** The server in whose own document it has that name; undefined where all are merged. */
  readonly server?: string | undefined;
  readonly args: GivenArguments;
  readonly caller: Caller;
  /** Under whose correlation id it runs; what becomes of it is noted there. */
  readonly context: RequestContext;
  /** Aborted when the caller leaves. */
  readonly signal: CallSignal;
  readonly onProgress?: OnProgress | undefined;
  /** Is told what the server logs of the call (`params` of `notifications/message`), but not floods of it. */
  readonly onLog?: ((params: JsonObject) => void) | undefined;
  /** Puts the server's questions to whoever makes the call; without it they are declined, and the outcome says so. */
  readonly asker?: Asker | undefined;
  /** Its face shows in Open WebUI's chat how far it is: nothing else is to. */
  readonly isShown?: boolean | undefined;
  /** Told when the call has its place, and its limits are spent; never for one that gets none. */
  readonly onAdmitted?: (() => void) | undefined;
  /** With it the call is made once, however often it is asked for; 1 to 255 visible ASCII characters. */
  readonly idempotencyKey?: string | undefined;
  /** It is not to be answered with a result that is kept. */
  readonly wantsFresh?: boolean | undefined;
  /** Had already, where the face has to know before it reads the call; else the call takes its own. */
  readonly admission?: Admission | undefined;
  /** What the call does while all places are taken, if it takes its own: `refuse` unless said otherwise. */
  readonly whenFull?: WhenFull | undefined;
}
