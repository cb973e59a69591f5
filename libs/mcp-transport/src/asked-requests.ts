import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { plainText } from '@app/mcp-openapi';
import type { RpcMessage } from './call/call-answer.js';

/** More are not waited for at a time; those before them are forgotten. */
const MAX_ASKED = 100;

/** What the SDK has asked on a way that carries all answers, so that silence can be told together with what came in place of an answer. */
export class AskedRequests {
  hasAnswer = false;
  /** Something came that was no message. */
  hasNoise = false;
  /** Methods by id. */
  private readonly waiting = new Map<string, string>();
  private strayId: string | undefined;

  sent(message: JSONRPCMessage): void {
    if (!('method' in message && 'id' in message)) return;
    if (this.waiting.size >= MAX_ASKED) this.waiting.clear();
    this.waiting.set(String(message.id), message.method);
  }

  received({ method, id }: RpcMessage): void {
    if (method !== undefined) return;
    if (this.waiting.delete(String(id))) this.hasAnswer = true;
    else this.strayId = plainText(JSON.stringify(id), 50) || 'none';
  }

  /** The method of the last request that still waits. */
  get unanswered(): string | undefined {
    return [...this.waiting.values()].at(-1);
  }

  /** The rest of a sentence that says that no answer came. */
  get hint(): string {
    if (this.strayId !== undefined) return `; it sent an answer with the id ${this.strayId}, which nothing was asked with`;
    return this.hasNoise ? '; what it wrote to stdout is no JSON-RPC message in a line of its own' : '';
  }
}
