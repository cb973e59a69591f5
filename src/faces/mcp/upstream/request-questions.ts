import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import type { OpenQuestions } from '../../../call/questions/open-questions.service.js';
import { AskingCall } from '../../../call/questions/question-shares.js';
import { clientKey } from '../../../throttler/client-key.js';
import type { Exchange } from '../rpc/exchange.js';
import { askerOf } from './asker-of.js';

/** What a server asks in the course of a request other than a call. */
export class RequestQuestions {
  /** Why there was no room for one, and what to do: the request was given up. */
  whyNot: string | undefined;
  private by: AskingCall | undefined;

  constructor(
    private readonly questions: OpenQuestions,
    private readonly exchange: Exchange,
    private readonly server: string,
  ) {}

  put(question: ServerQuestion, withdrawn: AbortSignal): Promise<QuestionAnswer | undefined> {
    const { context, request } = this.exchange;
    this.by ??= new AskingCall(clientKey(context), this.server, request.text.length);
    const put = this.questions.put(question, askerOf(this.exchange), withdrawn, this.by);
    this.whyNot ??= put.whyNot;
    return put.answer;
  }
}
