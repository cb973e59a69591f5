import { MAX_CALL_CONNECTIONS } from '@app/mcp-transport';
import { Tally } from '../../throttler/tally.js';

/** Open questions, and the characters of them and of the calls that they keep waiting: of one client, and of all. */
const OF_CLIENT = { questions: 200, characters: 8 * 1024 * 1024 } as const;
const OF_ALL = { questions: 1_000, characters: 32 * 1024 * 1024 } as const;

/** A call whose server asks, and what it holds while it waits for answers. */
export class AskingCall {
  /** Its questions that are open. */
  open = 0;

  /** `server`: where it is in flight meanwhile, if anywhere. */
  constructor(
    readonly client: string,
    readonly server: string | undefined,
    readonly characters: number,
  ) {}
}

/**
 * Who may have how many calls wait for answers of people, who take their time. Such a call holds a connection to its server, and a place among
 * the calls in flight: calls of one client that wait leave room for those of others at the same server, and so do all that wait together.
 */
export class QuestionShares {
  /** Calls that wait at one server. */
  private readonly maxAtServer: number;
  private readonly maxOfClientAtServer: number;
  private readonly calls = new Tally();
  private readonly questions = new Tally();
  private readonly characters = new Tally();

  /** Half of the places, as a server that holds more than that gets none of those that are kept for others. */
  constructor(maxConnections: number) {
    this.maxAtServer = Math.max(1, Math.floor(Math.min((MAX_CALL_CONNECTIONS * 4) / 5, maxConnections / 2)));
    this.maxOfClientAtServer = Math.ceil(this.maxAtServer / 2);
  }

  /** Takes room for one more question of a call; where there is none, a sentence or two that say why, and what to do. */
  enter(call: AskingCall, ofQuestion: number): string | undefined {
    const characters = ofQuestion + (call.open === 0 ? call.characters : 0);
    const whyNot = this.whyNot(call, characters);
    if (whyNot === undefined) this.note(call, 1, characters);
    return whyNot;
  }

  leave(call: AskingCall, ofQuestion: number): void {
    this.note(call, -1, -(ofQuestion + (call.open === 1 ? call.characters : 0)));
  }

  private whyNot({ client, server, open }: AskingCall, characters: number): string | undefined {
    if (open === 0 && server !== undefined) {
      if (this.calls.of(atServer(server, client)) >= this.maxOfClientAtServer)
        return `${this.maxOfClientAtServer} calls of this client to the MCP server "${server}" wait for answers already. ${ANSWER}`;
      if (this.calls.of(atServer(server)) >= this.maxAtServer)
        return `${this.maxAtServer} calls to the MCP server "${server}" wait for answers of their users already. ${LATER}`;
    }
    if (this.questions.of(client) >= OF_CLIENT.questions)
      return `${OF_CLIENT.questions} questions to this client are open already. ${ANSWER}`;
    if (this.characters.of(client) + characters > OF_CLIENT.characters)
      return `Calls of this client that wait for answers may hold ${OF_CLIENT.characters} characters, with their questions. ${ANSWER}`;
    const isFull = this.questions.total >= OF_ALL.questions || this.characters.total + characters > OF_ALL.characters;
    return isFull ? `The gateway has as many open questions as it may. ${LATER}` : undefined;
  }

  private note(call: AskingCall, question: 1 | -1, characters: number): void {
    const { client, server } = call;
    const wasWaiting = call.open > 0;
    call.open += question;
    this.questions.add(client, question);
    this.characters.add(client, characters);
    if (server === undefined || wasWaiting === call.open > 0) return;
    for (const whose of [atServer(server, client), atServer(server)]) this.calls.add(whose, question);
  }
}

const ANSWER = 'Answer or decline some of them, then call again.';
const LATER = 'Call again when some of them are answered.';
/** Of all clients, where it is of none. */
function atServer(server: string, client = ''): string {
  return `${server}\n${client}`;
}
