import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { CallersLists } from '../../view/callers-lists.service.js';
import { credentialsMissing } from '../../view/credentials-refused.js';
import { ForwardedCredentials } from '../../view/forwarded-credentials.service.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Refuses calls to a server that opens no session but for callers' credentials, where it takes none of this caller. */
@Injectable()
export class CredentialsStep implements ToolStep {
  constructor(
    private readonly lists: CallersLists,
    private readonly forwarded: ForwardedCredentials,
  ) {}

  run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const { upstream } = call.entry as CatalogEntry;
    if (!upstream?.asksCallers || upstream.isConnected) return next();
    const refusal = this.lists.refusalOf(call);
    if (refusal) return Promise.resolve(refusal);
    return this.forwarded.of(call, upstream)
      ? next()
      : Promise.resolve(credentialsMissing(upstream.name, upstream.settings.forwardHeaders));
  }
}
