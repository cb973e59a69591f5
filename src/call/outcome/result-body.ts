import { type ResponseBody, resultToBody, type ToolOutcome } from '@app/mcp-openapi';

/** What a result is for callers who know nothing of MCP, JSON unless `accept` asks for another form; see {@link resultToBody}. */
export function resultBody({ result, notes = {} }: ToolOutcome & { kind: 'result' }, accept?: string): ResponseBody {
  const { inlineHtml, keepsBinary, isReadOnly } = notes;
  return resultToBody(result, accept, { inlineHtml, isReadOnly, binary: keepsBinary ? 'keep' : 'describe' });
}
