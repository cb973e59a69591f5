import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AuthService } from '../../auth/auth.service.js';
import { CallLimits, type Verdict } from '../../throttler/call-limits.service.js';
import { ChatPlaces } from '../../throttler/chat-places.js';
import { limitHeaders, rateLimited } from '../../throttler/limit-answers.js';
import { ChatBodies } from './chat-bodies.js';
import type { ChatRequest } from './chat-request.js';
import { refused } from './openai-error.js';

/** Asks who makes a request to the chat, as every face does. */
@Injectable()
export class ChatGuard implements CanActivate {
  constructor(protected readonly auth: AuthService) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const http = execution.switchToHttp();
    const request = http.getRequest<ChatRequest>();
    request.context.principal = request.principal ?? (await this.auth.authenticate(request));
    await this.admit(request, http.getResponse<Response>());
    return true;
  }

  protected admit(_request: ChatRequest, _response: Response): void | Promise<void> {
    return undefined;
  }
}

/**
 * Asks of a completion besides, before its body is read, whether the body has the right form, and takes a place for it and one call of its
 * caller's and the system's limit. The place is free again when the answer is out or its reader gone.
 */
@Injectable()
export class CompletionGuard extends ChatGuard {
  constructor(
    auth: AuthService,
    private readonly bodies: ChatBodies,
    private readonly places: ChatPlaces,
    private readonly limits: CallLimits,
  ) {
    super(auth);
  }

  protected override async admit(request: ChatRequest, response: Response): Promise<void> {
    const refusal = this.bodies.refusalOf(request);
    if (refusal) throw refusal;
    const place = this.places.take();
    if (!place) throw refused(this.places.refusal());
    request.place = place;
    if (response.destroyed) place.release();
    else response.once('close', () => place.release());
    const verdict: Verdict = await this.limits.spend(request.context);
    if (!verdict.isAdmitted) throw refused(rateLimited(verdict));
    for (const [name, value] of Object.entries(limitHeaders(verdict))) response.setHeader(name, value);
  }
}
