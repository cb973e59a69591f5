import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { StdioUpstreamSettings } from '../../config/upstream-settings.js';
import { parseRpcMessage, type RpcMessage } from '../call-answer.js';
import { callMessage, cancelMessage, newCallId } from '../call-message.js';
import { PendingCall } from '../pending-call.js';
import type { UpstreamAnswer, UpstreamCall } from '../upstream-answer.js';
import { type Child, endChild, startChild } from './child-process.js';
import { LineSplitter } from './line-splitter.js';

/** Calls in flight to one child. */
const MAX_PENDING_CALLS = 1_050;
const MAX_STDERR_LINE_BYTES = 8 * 1024;

/**
 * stdio for the SDK's Client, which keeps handshake, lists and notifications; calls are written and read here, as text, beside
 * the SDK's messages on the same pipes (MCP basic/transports "stdio").
 */
export class StdioTransport implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  private child: Child | undefined;
  private isClosed = false;
  private closing: Promise<void> | undefined;
  private readonly pending = new Map<string, PendingCall>();

  constructor(
    private readonly settings: StdioUpstreamSettings,
    private readonly onStderr: (line: string) => void,
  ) {}

  /** By these two names the SDK knows a stdio transport, whose silent servers are legacy ones. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get stderr(): null {
    return null;
  }

  async start(): Promise<void> {
    const child = await startChild(this.settings);
    this.child = child;
    const lines = new LineSplitter(
      this.settings.maxResponseBytes,
      (line) => this.receive(line),
      () => this.failAll(),
    );
    const errors = new LineSplitter(MAX_STDERR_LINE_BYTES, this.onStderr, () => undefined);
    child.stdout.on('data', (chunk: Buffer) => lines.feed(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.feed(chunk));
    child.on('close', (code, signal) => this.ended(`The server process ended (${signal ?? `exit code ${code}`}).`));
    if (this.isClosed) await endChild(child);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.write(JSON.stringify(message));
  }

  /** Sends one `tools/call`; `metaEnvelope` as {@link callMessage} takes it. */
  call(call: UpstreamCall, metaEnvelope: string): Promise<UpstreamAnswer> {
    if (this.pending.size >= MAX_PENDING_CALLS)
      return Promise.resolve({ kind: 'busy', message: `${MAX_PENDING_CALLS} calls wait already` });
    if (this.isClosed) return Promise.resolve({ kind: 'unreachable', message: 'The server process has ended.' });
    const id = newCallId();
    const pending = new PendingCall(id, call, this.settings, { cancel: (callId, reason) => this.cancel(callId, reason) });
    this.pending.set(id, pending);
    this.write(oneLine(callMessage(id, call, metaEnvelope)));
    pending.isSent = true;
    return pending.answer.finally(() => this.pending.delete(id));
  }

  /** Also after the child has ended by itself: it may have left descendants. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const hadEnded = this.isClosed;
    this.isClosed = true;
    if (this.child) await endChild(this.child);
    if (!hadEnded) this.ended('The connection was closed.');
  }

  private write(text: string): void {
    this.child?.stdin.write(`${text}\n`);
  }

  private cancel(callId: string, reason: string): void {
    if (!this.isClosed) this.write(cancelMessage(callId, reason));
  }

  private receive(line: string): void {
    const message = parseRpcMessage(line);
    // Servers that print to stdout are common; what is no message is no reason to part.
    if (!message) return;
    const callId = callIdOf(message);
    const pending = callId === undefined ? undefined : this.pending.get(callId);
    if (!pending?.receive(message, line) && !callId?.startsWith('req_')) this.onmessage?.(message as JSONRPCMessage);
  }

  /** A message over the bound cannot be matched to its call. */
  private failAll(): void {
    for (const pending of this.pending.values()) {
      pending.finish({ kind: 'unreadable', message: `An answer was larger than ${this.settings.maxResponseBytes} bytes.` });
    }
  }

  private ended(reason: string): void {
    this.isClosed = true;
    for (const pending of this.pending.values()) pending.finish({ kind: 'lost', message: reason });
    this.onclose?.();
  }
}

/** The id of the call that a message answers or reports on, if it is a text like ours. */
function callIdOf(message: RpcMessage): string | undefined {
  const id = message.method === undefined ? message.id : message.params?.progressToken;
  return typeof id === 'string' ? id : undefined;
}

/** A raw line break may stand between the tokens of a JSON text, never inside a string: a space says the same. */
function oneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\r\n]/g, ' ') : text;
}
