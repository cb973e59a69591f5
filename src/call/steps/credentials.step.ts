import { Injectable } from '@nestjs/common';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { FailedOutcome } from '../../errors/failed-outcome.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { isUsers } from '../../grants/granted-server.js';
import { authorizationRequired } from '../../view/authorization-required.js';
import { credentialsMissing } from '../../view/credentials-refused.js';
import { ForwardedCredentials, isRefused } from '../../view/forwarded-credentials.service.js';
import type { ToolCall } from '../tool-call.js';
import { traitsOf } from '../tool-traits.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/**
 * Finds out what the server gets of the caller, and what may be done with its answer. Refuses calls to a server that opens no session but
 * for callers' credentials, where it takes none of this caller.
 */
@Injectable()
export class CredentialsStep implements ToolStep {
  constructor(private readonly forwarded: ForwardedCredentials) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const entry = call.entry as CatalogEntry;
    const { tool, upstream } = entry;
    call.traits = traitsOf(tool, upstream);
    return (upstream && this.refusal(call, upstream)) ?? next(call);
  }

  private refusal(call: ToolCall, upstream: Upstream): FailedOutcome | undefined {
    const credentials = this.forwarded.of(call.caller, upstream);
    if (isRefused(credentials)) return credentials;
    call.credentials = credentials;
    if (isUsers(upstream.settings) && !upstream.caller)
      return call.view.refusalBy(upstream) ?? authorizationRequired(upstream.name, undefined);
    if (!upstream.asksCallers || upstream.isConnected) return undefined;
    return call.view.refusal ?? (credentials ? undefined : credentialsMissing(upstream.name, upstream.settings.forwardHeaders));
  }
}
