import { Inject, Injectable } from '@nestjs/common';
import { declined, type QuestionAnswer, type ServerQuestion, unanswered } from '@app/mcp-transport';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { type Asker, canAnswer } from './asker.js';
import { type AskingCall, QuestionShares } from './question-shares.js';

/** A question that was put, or why it was not. */
interface Put {
  /** Whoever makes the call can answer it. One that they cannot is declined. */
  readonly isPut: boolean;
  /** Why there is no room for it, and what to do; its call is to be given up. */
  readonly whyNot?: string;
  /** Undefined where there is no room. Never rejects. */
  readonly answer: Promise<QuestionAnswer | undefined>;
}

/** The questions of servers that people are thinking about, bounded over all calls by number, size and time, with a share for each client. */
@Injectable()
export class OpenQuestions {
  private readonly shares: QuestionShares;

  constructor(@Inject(SETTINGS) private readonly settings: Pick<Settings, 'elicitationTimeoutMs' | 'maxConnections'>) {
    this.shares = new QuestionShares(settings.maxConnections);
  }

  /** Puts a question to whoever makes its call, if they can answer it. */
  put(question: ServerQuestion, asker: Asker | undefined, withdrawn: AbortSignal, call: AskingCall): Put {
    if (!asker || !canAnswer(asker.capabilities, question)) return { isPut: false, answer: Promise.resolve(declined(question)) };
    const characters = JSON.stringify(question.params).length;
    const whyNot = this.shares.enter(call, characters);
    if (whyNot !== undefined) return { isPut: true, whyNot, answer: Promise.resolve(undefined) };
    return { isPut: true, answer: this.ask(question, asker, withdrawn).finally(() => this.shares.leave(call, characters)) };
  }

  private async ask(question: ServerQuestion, asker: Asker, withdrawn: AbortSignal): Promise<QuestionAnswer> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.settings.elicitationTimeoutMs);
    const signal = AbortSignal.any([withdrawn, late.signal]);
    const ended = new Promise<QuestionAnswer>((resolve) => {
      signal.addEventListener('abort', () => resolve(unanswered(question)), { once: true });
    });
    try {
      return await Promise.race([asker.ask(question, signal), ended]);
    } catch {
      return unanswered(question);
    } finally {
      clearTimeout(timer);
    }
  }
}
