import { type QuestionAnswer, type ServerQuestion, unanswered } from '@app/mcp-transport';
import type { McpBounds } from '../bounds.js';

interface Open {
  readonly question: ServerQuestion;
  readonly close: (answer: QuestionAnswer) => void;
}

/** How many there may be at once, and their characters. */
export type QuestionBounds = Pick<McpBounds, 'maxQuestions' | 'maxQuestionCharacters'>;

/** What one client is asked and has not answered, in a session or in the course of one request: bounded by number and characters. */
export class ClientQuestions {
  private readonly open = new Map<unknown, Open>();
  private characters = 0;

  constructor(private readonly bounds: QuestionBounds) {}

  get areThere(): boolean {
    return this.open.size > 0;
  }

  has(key: unknown): boolean {
    return this.open.has(key);
  }

  /** All, under what they are known by. */
  get all(): readonly (readonly [string, ServerQuestion])[] {
    return [...this.open].map(([key, { question }]) => [String(key), question]);
  }

  /** Has the question open until it is answered or withdrawn, `put` being how it is put; where there are too many it stays unanswered. */
  ask(key: string, question: ServerQuestion, withdrawn: AbortSignal, put: () => void): Promise<QuestionAnswer> {
    const characters = JSON.stringify(question.params).length;
    const { maxQuestions, maxQuestionCharacters } = this.bounds;
    const isFull = this.open.size >= maxQuestions || this.characters + characters > maxQuestionCharacters;
    if (isFull || withdrawn.aborted) return Promise.resolve(unanswered(question));
    this.characters += characters;
    return new Promise((resolve) => {
      const close = (answer: QuestionAnswer): void => {
        if (!this.open.delete(key)) return;
        this.characters -= characters;
        resolve(answer);
      };
      this.open.set(key, { question, close });
      withdrawn.addEventListener('abort', () => close(unanswered(question)), { once: true });
      put();
    });
  }

  /** What answers none is dropped. */
  answer(key: unknown, answer: QuestionAnswer): void {
    this.open.get(key)?.close(answer);
  }

  /** Nobody answers any more. */
  end(): void {
    for (const { question, close } of [...this.open.values()]) close(unanswered(question));
  }
}
