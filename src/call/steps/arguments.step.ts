import { Injectable } from '@nestjs/common';
import { entriesOf, type McpTool, nullDropper, perTool, takesEntries } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { ToolCall } from '../tool-call.js';
import type { CallArguments } from '../tool-call-request.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Takes arguments as the tool means them; `text` and `value` always say the same. */
type Preparation = (args: CallArguments) => CallArguments;

/**
 * Takes the arguments out of what clients can send: out of the envelope that a face has found, a map out of its one published property
 * `entries`, and, where the server's settings say so, nulls out of optional places. For all other tools they stay as they came.
 */
@Injectable()
export class ArgumentsStep implements ToolStep {
  private readonly preparationFor = perTool<McpTool, Preparation | 'none', [Upstream | undefined]>(preparationOf);

  run(call: ToolCall, next: NextStep): Outcome {
    const { given } = call;
    const { tool, upstream } = call.entry as CatalogEntry;
    const args = typeof given === 'function' ? given(tool) : given;
    const preparation = this.preparationFor(tool, upstream);
    call.args = preparation === 'none' ? args : preparation(args);
    return next(call);
  }
}

function preparationOf(tool: McpTool, upstream: Upstream | undefined): Preparation | 'none' {
  const preparations: Preparation[] = [];
  if (takesEntries(tool.inputSchema)) preparations.push((args) => entriesOf(args) as CallArguments);
  if (upstream?.settings.nulls === 'drop-optional') {
    const dropNulls = nullDropper(tool.inputSchema);
    preparations.push((args) => dropNulls(args) as CallArguments);
  }
  if (preparations.length === 0) return 'none';
  return (args) => preparations.reduce((prepared, prepare) => prepare(prepared), args);
}
