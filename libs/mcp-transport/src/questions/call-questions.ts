import { isJsonObject } from '@app/mcp-openapi';
import type { RpcMessage } from '../call/call-answer.js';
import type { CallDeadline } from '../call/call-deadline.js';
import type { UpstreamCall } from '../call/upstream-answer.js';
import { isQuestionMethod, type QuestionAnswer, type ServerQuestion, unanswered } from './server-question.js';

/** Questions in the course of one call, and open at once; */
const MAX_QUESTIONS = 50;
const MAX_OPEN = 4;
/** and how long the text of one may be. */
const MAX_CHARACTERS = 1024 * 1024;

/** Sends a JSON-RPC message on the way that the question came. */
export type Reply = (text: string) => void;

/** What a server asks in the course of one try of a call, on the call's own way. While a question is open the server is not thought to be silent. */
export class CallQuestions {
  private readonly open = new Map<string | number, AbortController>();
  private count = 0;

  constructor(
    private readonly call: UpstreamCall,
    private readonly deadline: CallDeadline,
    private readonly giveUp: () => void,
  ) {}

  /** Takes a question; false for what is none, and where there are too many: it is for somebody else to answer, then. */
  take({ id, method, params }: RpcMessage, text: string, reply: Reply): boolean {
    const { onQuestion } = this.call;
    if (!onQuestion || !isQuestionMethod(method) || (typeof id !== 'string' && typeof id !== 'number')) return false;
    // The same once more: it has one answer.
    if (this.open.has(id)) return true;
    if (this.open.size >= MAX_OPEN || this.count >= MAX_QUESTIONS || text.length > MAX_CHARACTERS) return false;
    this.count += 1;
    const withdrawal = new AbortController();
    this.open.set(id, withdrawal);
    this.deadline.hold();
    const question = { method, params: isJsonObject(params) ? params : {} };
    void answered(question, onQuestion, withdrawal.signal).then((answer) => this.close(id, question, answer, reply));
    return true;
  }

  /** The server takes back a question (MCP basic/utilities/cancellation); false if none of it is open. */
  withdraw(id: unknown): boolean {
    const withdrawal = this.open.get(id as string);
    withdrawal?.abort();
    return withdrawal !== undefined;
  }

  /** The call is over: nobody waits for answers. */
  end(): void {
    for (const withdrawal of this.open.values()) withdrawal.abort();
  }

  private close(id: string | number, question: ServerQuestion, answer: QuestionAnswer | undefined, reply: Reply): void {
    this.open.delete(id);
    this.deadline.release();
    reply(JSON.stringify({ jsonrpc: '2.0', id, ...(answer ?? unanswered(question)) }));
    // Whatever its server makes of that, it holds no connection for it.
    if (!answer) this.giveUp();
  }
}

/** What it is answered, at the latest when it is withdrawn; undefined where there is no room for it. Never rejects. */
export async function answered(
  question: ServerQuestion,
  ask: NonNullable<UpstreamCall['onQuestion']>,
  signal: AbortSignal,
): Promise<QuestionAnswer | undefined> {
  const withdrawn = new Promise<QuestionAnswer>((resolve) => {
    const end = (): void => resolve(unanswered(question));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  return Promise.race([ask(question, signal), withdrawn]).catch(() => unanswered(question));
}
