export { type ArgumentsValidator, compileValidator, type ValidationMode, type ValidatorOptions } from './arguments-validator/index.js';
export { closestNames } from './closest-names.js';
export {
  duplicateKeyAt,
  elementTexts,
  exceedsDepth,
  isJsonText,
  type JsonSyntaxError,
  type JsonText,
  memberText,
  syntaxErrorAt,
  type TextPlace,
  topLevelMembers,
} from './json-text/index.js';
export { nullDropper, type NullDropper } from './drop-optional-nulls.js';
export { isJsonObject } from './json-object.js';
export type { CallToolResult, JsonObject, McpTool } from './mcp-types.js';
export { mayBelong } from './names/may-belong.js';
export {
  identitiesOf,
  type NamedTool,
  type NameRules,
  namesOf,
  type NameStyle,
  publishNames,
  serverOfName,
} from './names/publish-names.js';
export type { OpenApiDocument, OpenApiOperation, PublishedTool } from './openapi/openapi-types.js';
export { operationOf, toolToOperation } from './openapi/tool-to-operation.js';
export { type DocumentInput, tellApart, toolsToDocument } from './openapi/tools-to-document.js';
export { perTool } from './per-tool.js';
export { outcomeToStatus } from './outcome-to-status.js';
export { plainText } from './plain-text.js';
export { type Problem, problemToText } from './problem.js';
export { problemsToOutcome } from './problems-to-outcome.js';
export { entriesOf, publishSchema, takesEntries } from './publish-schema/index.js';
export type { ResponseBody } from './result/response-body.js';
export { type ResultOptions, resultToBody } from './result/result-to-body.js';
export { toolErrorToText } from './result/tool-error-to-text.js';
export { type RpcError, rpcErrorToOutcome } from './rpc-error-to-outcome.js';
export { atOnce, inTurns, type Slices, visitEach } from './slices.js';
export { isSameJson } from './same-json.js';
export { selectionOf, selectTools, type ToolSelection } from './select-tools.js';
export type { Refusal, RejectionType, ResultNotes, ToolOutcome, ToolResult, UnavailableType, UnknownType } from './tool-outcome.js';
