import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@app/mcp-openapi';
import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import type { Asker } from '../../../call/questions/asker.js';
import type { OutboundType } from '../frames/outbound-frame.js';

const CAPABILITIES: JsonObject = { elicitation: { form: {}, url: {} } };

/** Says something of the call. */
type Say = (type: OutboundType, data: string) => void;

/** The questions of one call that its user has not answered; how many there may be is bounded over all calls. */
export class UserQuestions implements Asker {
  readonly capabilities = CAPABILITIES;
  private readonly open = new Map<string, (answer: QuestionAnswer) => void>();

  constructor(
    private readonly tool: string,
    private readonly say: Say,
  ) {}

  /** Where the client is away it is asked when it comes back, if the question is open still. */
  ask({ params: { _meta, ...params } }: ServerQuestion, withdrawn: AbortSignal): Promise<QuestionAnswer> {
    if (params['mode'] === 'url' && !isWebAddress(params['url'])) return Promise.resolve({ result: { action: 'decline' } });
    const id = randomUUID();
    return new Promise((resolve) => {
      this.open.set(id, resolve);
      withdrawn.addEventListener('abort', () => this.end(id), { once: true });
      this.say('elicitation_request', JSON.stringify({ mode: 'form', ...params, id, name: this.tool }));
    });
  }

  /** False for a question that is not open. */
  answer(id: string, result: JsonObject): boolean {
    const answered = this.open.get(id);
    this.open.delete(id);
    answered?.({ result });
    return answered !== undefined;
  }

  /** Nobody waits for its answer any more. */
  private end(id: string): void {
    if (this.open.delete(id)) this.say('elicitation_ended', JSON.stringify({ id }));
  }
}

/** No other may be opened in a browser for a server: `javascript:` would run what it says. */
function isWebAddress(url: unknown): boolean {
  const protocol = typeof url === 'string' ? URL.parse(url)?.protocol : undefined;
  return protocol === 'https:' || protocol === 'http:';
}
