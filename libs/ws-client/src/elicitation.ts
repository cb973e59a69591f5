import type { IncomingFrame, OutgoingFrame } from './frames.js';

/** A question that a tool asks its user in the course of a call. */
export interface Elicitation {
  /** `form`: `requestedSchema` says what is asked for; `url`: the user is to open `url`. */
  readonly mode: 'form' | 'url';
  readonly message: string;
  /** A JSON Schema of an object with simple members. */
  readonly requestedSchema?: Readonly<Record<string, unknown>>;
  readonly url?: string;
  /** Name of the tool. */
  readonly name: string;
}

/** What the user does with it: `content` is what `requestedSchema` asks for, with `accept`. */
export interface ElicitationAnswer {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: Readonly<Record<string, unknown>>;
}

/** Asks the user; `signal` is aborted when nobody waits for the answer any more. What it throws cancels the question. */
export type OnElicitation = (question: Elicitation, signal: AbortSignal) => ElicitationAnswer | Promise<ElicitationAnswer>;

/** The questions of one call, each put once however often it is told. */
export class Elicitations {
  private readonly asked = new Map<string, AbortController>();
  /** Answers that the gateway may not have got. */
  private readonly given = new Map<string, OutgoingFrame>();

  constructor(
    private readonly callId: string,
    private readonly onElicitation: OnElicitation | undefined,
    private readonly send: (frame: OutgoingFrame) => void,
  ) {}

  /** Takes what the gateway says of them. */
  hear({ type, data }: IncomingFrame): void {
    const { id, ...question } = data;
    if (typeof id !== 'string') return;
    if (type === 'elicitation_ended') this.asked.get(id)?.abort();
    if (type === 'elicitation_request' && !this.asked.has(id)) void this.ask(id, question as unknown as Elicitation);
  }

  /** The connection was away. An answer that came before it was is known. */
  sendAgain(): void {
    for (const frame of this.given.values()) this.send(frame);
  }

  /** The call is over. */
  end(): void {
    for (const controller of this.asked.values()) controller.abort();
  }

  private async ask(id: string, question: Elicitation): Promise<void> {
    const controller = new AbortController();
    this.asked.set(id, controller);
    const { signal } = controller;
    const answer = await this.answerOf(question, signal);
    if (signal.aborted) return;
    const frame: OutgoingFrame = { type: 'elicitation_response', correlation_id: this.callId, data: { id, ...answer } };
    this.given.set(id, frame);
    this.send(frame);
  }

  private async answerOf(question: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer> {
    if (!this.onElicitation) return { action: 'decline' };
    try {
      return await this.onElicitation(question, signal);
    } catch {
      return { action: 'cancel' };
    }
  }
}
