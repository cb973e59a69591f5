export { type ArgumentsValidator, compileValidator, type FormatsMode } from './arguments-validator/index.js';
export { closestNames } from './closest-names.js';
export {
  canonicalText,
  duplicateKeyAt,
  elementTexts,
  exceeds,
  exceedsDepth,
  type JsonText,
  LongJson,
  memberText,
  syntaxErrorAt,
  uniqueMemberText,
} from './json-text/index.js';
export { nullDropper } from './drop-optional-nulls.js';
export { isJsonObject } from './json-object.js';
export { hasProtoKey } from './schema/has-object.js';
export type { CallToolResult, JsonObject, McpTool } from './mcp-types.js';
export { mayBelong } from './names/may-belong.js';
export { identitiesOf, type NamedTool, namesOf, type NameStyle, publishNames } from './names/publish-names.js';
export { errorComponents, errorResponses } from './openapi/error-responses.js';
export { COMMON_HEADERS, headerComponents, KEPT_RESULT_HEADERS, RESULT_HEADERS } from './openapi/headers.js';
export type { OpenApiDocument, OpenApiOperation, PublishedTool } from './openapi/openapi-types.js';
export { OperationIdGiver, type OperationIds } from './openapi/operation-ids.js';
export { resultComponents } from './openapi/result-response.js';
export { operationOf } from './openapi/tool-to-operation.js';
export { securityOf, securitySchemes, tagsOf, tellApart, toolsToDocument } from './openapi/tools-to-document.js';
export { perTool } from './per-tool.js';
export { outcomeToStatus } from './outcome-to-status.js';
export { cutBelow } from './cut-below.js';
export { plainText } from './plain-text.js';
export type { Problem } from './problem.js';
export { problemsToOutcome } from './problems-to-outcome.js';
export { entriesOf, takesEntries } from './publish-schema/index.js';
export type { ResponseBody } from './result/response-body.js';
export { resultToBody } from './result/result-to-body.js';
export { resultToParts } from './result/result-to-parts.js';
export { toolErrorToText } from './result/tool-error-to-text.js';
export { preferredType } from './result/preferred-type.js';
export { firstLink, type RpcError, rpcErrorToOutcome, URL_ELICITATION_REQUIRED } from './rpc-error-to-outcome.js';
export { atOnce, inTurns, type Slices, visitEach } from './slices.js';
export { isSameJson } from './same-json.js';
export { selectionOf, selectTools } from './select-tools.js';
export type { RejectionType, ResultNotes, ToolOutcome, ToolResult } from './tool-outcome.js';
