import type { RpcError } from '@app/mcp-openapi';
import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import type { Asker } from '../../../call/questions/asker.js';
import { noteLinkOf, noteLinksOf } from '../../../call/questions/note-links.js';
import type { OpenQuestions } from '../../../call/questions/open-questions.service.js';
import { AskingCall } from '../../../call/questions/question-shares.js';
import type { Upstream } from '../../../mcp-client/upstream.js';
import { clientKey } from '../../../throttler/client-key.js';
import type { Exchange } from '../rpc/exchange.js';
import { askerOf } from './asker-of.js';

/** What a server asks in the course of a request other than a call. */
export class RequestQuestions {
  /** Why there was no room for one, and what to do: the request was given up. */
  whyNot: string | undefined;
  private readonly asker: Asker;
  private by: AskingCall | undefined;

  constructor(
    private readonly questions: OpenQuestions,
    private readonly exchange: Exchange,
    private readonly upstream: Upstream,
  ) {
    this.asker = askerOf(exchange);
  }

  put(question: ServerQuestion, withdrawn: AbortSignal): Promise<QuestionAnswer | undefined> {
    const { context, request } = this.exchange;
    this.by ??= new AskingCall(clientKey(context), this.upstream.name, request.text.length);
    const put = this.questions.put(question, this.asker, withdrawn, this.by);
    this.whyNot ??= put.whyNot;
    if (put.isPut) noteLinkOf(question, this.asker, this.upstream);
    return put.answer;
  }

  /** The server has answered with an error. */
  noteLinks(error: RpcError): void {
    noteLinksOf(error, this.asker, this.upstream);
  }
}
