import { Inject, Injectable } from '@nestjs/common';
import { declined, type QuestionAnswer, type ServerQuestion, unanswered } from '@app/mcp-transport';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { type Asker, canAnswer } from './asker.js';

/** Of all calls together. */
const MAX_OPEN = 1_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;

/** A question that was put to nobody is declined; `isPut` tells. */
export interface Put {
  readonly isPut: boolean;
  readonly answer: Promise<QuestionAnswer>;
}

/** The questions of servers that people are thinking about, bounded over all calls by number, size and time. */
@Injectable()
export class OpenQuestions {
  private open = 0;
  private characters = 0;

  constructor(@Inject(SETTINGS) private readonly settings: Pick<Settings, 'elicitationTimeoutMs'>) {}

  /** Puts a question to whoever makes its call, if they can answer it. The answer never rejects. */
  put(question: ServerQuestion, asker: Asker | undefined, withdrawn: AbortSignal): Put {
    if (!asker || !canAnswer(asker.capabilities, question)) return { isPut: false, answer: Promise.resolve(declined(question)) };
    const characters = JSON.stringify(question.params).length;
    const isFull = this.open >= MAX_OPEN || this.characters + characters > MAX_CHARACTERS;
    return { isPut: true, answer: isFull ? Promise.resolve(unanswered(question)) : this.ask(question, asker, withdrawn, characters) };
  }

  private async ask(question: ServerQuestion, asker: Asker, withdrawn: AbortSignal, characters: number): Promise<QuestionAnswer> {
    this.open += 1;
    this.characters += characters;
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
      this.open -= 1;
      this.characters -= characters;
    }
  }
}
