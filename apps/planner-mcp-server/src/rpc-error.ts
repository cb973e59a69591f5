/** An error that the SDK answers as it is: its own McpError would put a prefix into the message. */
export type RpcError = Error & { readonly code: number; readonly data?: unknown };

const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

/** What is wrong with one argument: `{field: 'title', issue: 'required'}`. */
export interface ArgumentProblem {
  readonly field: string;
  readonly issue: string;
}

/** -32602 `Invalid params` with the first problem as its data. */
export function invalidParams({ field, issue }: ArgumentProblem): RpcError {
  return rpcError('Invalid params', INVALID_PARAMS, { field, issue });
}

/** -32602 as the specification's example has it (server/tools, "Error Handling"). */
export function unknownTool(name: string): RpcError {
  return rpcError(`Unknown tool: ${name}`, INVALID_PARAMS, { field: 'name', issue: 'unknown tool' });
}

export function methodNotFound(): RpcError {
  return rpcError('Method not found', METHOD_NOT_FOUND);
}

/** What a caller hears of a defect of ours: nothing of the inside. */
export function internalError(): RpcError {
  return rpcError('Internal error', INTERNAL_ERROR);
}

function rpcError(message: string, code: number, data?: unknown): RpcError {
  return Object.assign(new Error(message), { code, ...(data !== undefined && { data }) });
}
