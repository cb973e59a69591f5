import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { StdioServerSettings } from '../server-settings.js';
import { eachRpcMessage, type RpcMessage } from '../call/call-answer.js';
import type { CallDeadline } from '../call/call-deadline.js';
import { callMessage, cancelMessage } from '../call/call-message.js';
import { PacedTexts } from '../inbox/paced-texts.js';
import { pingMessage } from '../ping-message.js';
import { SharedWay } from '../inbox/shared-way.js';
import type { PendingCall } from '../call/pending-call.js';
import type { UpstreamAnswer, UpstreamCall } from '../call/upstream-answer.js';
import { type Child, endChild, endToText, startChild } from './child-process.js';
import { droppedId } from './dropped-id.js';
import { type DroppedLine, LineSplitter } from './line-splitter.js';
import { StderrLines } from './stderr-lines.js';
import { TurnWriter } from './turn-writer.js';

/** A line with nothing in it: a flood of them is one like any other. */
const BLANK = '';
/** A child for which so much waits is asked nothing more. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * stdio for the SDK's Client, which keeps handshake, lists and notifications; calls are written and read here, as text, beside
 * the SDK's messages on the same pipes (MCP basic/transports "stdio").
 */
export class StdioTransport implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** How the process ended, once it has ended by itself. */
  ownEnd: string | undefined;
  private child: Child | undefined;
  private writer: TurnWriter | undefined;
  private isClosed = false;
  private isCut = false;
  private closing: Promise<void> | undefined;
  /** Messages. */
  private taken = 0;
  readonly way = new SharedWay(
    {
      deliver: (message) => this.onmessage?.(message),
      answer: (answer) => new Promise<void>((resolve) => this.writer?.write(JSON.stringify(answer), undefined, resolve)),
    },
    (text) => {
      if (!this.isClosed) this.writer?.write(text);
    },
  );

  constructor(
    private readonly settings: StdioServerSettings,
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
    this.writer = new TurnWriter(child.stdin, (call) => call.finish(ENDED));
    const received = new PacedTexts((line) => this.receive(line), child.stdout);
    const lines = new LineSplitter(
      this.settings.maxResponseBytes,
      (line) => received.push(line),
      (dropped) => this.drop(dropped),
      () => received.push(BLANK),
    );
    const errors = new StderrLines(this.onStderr);
    child.stdout.on('data', (chunk: Buffer) => lines.feed(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.feed(chunk));
    child.on('close', (code, signal) => received.finally(() => this.childEnded(endToText(code, signal))));
    if (this.isClosed) await endChild(child);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.way.asked.sent(message);
    this.writer?.write(JSON.stringify(message));
  }

  /** Sends one `tools/call`; `metaEnvelope` and `more` as {@link callMessage} takes them. */
  call(call: UpstreamCall, deadline: CallDeadline, metaEnvelope: string, more = ''): Promise<UpstreamAnswer> {
    const { writer } = this;
    if (this.isClosed || !writer) return Promise.resolve(ENDED);
    const refusal = this.way.calls.refusal() ?? writer.refusal();
    if (refusal) return Promise.resolve(refusal);
    const pending = this.way.calls.add(call, deadline, this);
    writer.write(oneLine(callMessage(pending.id, call, metaEnvelope, more)), pending);
    return pending.answer;
  }

  /** Whether the child is there. */
  ping(metaEnvelope: string, signal: AbortSignal): Promise<void> {
    return this.way.ping.run(async (id) => {
      if (this.isClosed || !this.writer || this.writer.waitingBytes > MAX_UNREAD_BYTES)
        throw new Error('The server process reads nothing.');
      this.writer.write(pingMessage(id, metaEnvelope));
    }, signal);
  }

  cancel(call: PendingCall, reason: string): void {
    if (this.isClosed || this.writer?.takeBack(call)) return;
    this.way.calls.noteGivenUp(call, this.settings.maxCallDurationMs);
    this.writer?.write(cancelMessage(call.id, reason));
  }

  /** Also after the child has ended by itself: it may have left descendants. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const hadEnded = this.isClosed;
    this.isClosed = true;
    this.writer?.close();
    if (this.child) await endChild(this.child);
    if (!hadEnded) this.ended('The connection was closed.');
  }

  private childEnded(reason: string): void {
    if (!this.isClosed) this.ownEnd = reason;
    this.ended(reason);
  }

  /** Servers that print to stdout are common; what is no message is no reason to part. */
  private receive(line: string): void {
    if (this.isCut) return;
    const before = this.taken;
    if (line !== BLANK) eachRpcMessage(line, this.take);
    if (this.taken === before) this.noise(line);
  }

  private noise(line: string): void {
    if (line !== BLANK) this.way.asked.hasNoise = true;
    const flood = this.way.messages.counted();
    if (flood !== undefined) this.cut(flood);
  }

  private readonly take = (message: RpcMessage, text: string): void => {
    this.taken += 1;
    const flood = this.way.take(message, text);
    if (flood !== undefined) this.cut(flood);
  };

  /** Nothing of it is wanted any more: its connection is lost, and closed. */
  private cut(reason: string): void {
    this.isCut = true;
    this.childEnded(reason);
  }

  /** A message over the bound fails the call that it answers; where that cannot be told, all that wait. */
  private drop(dropped: DroppedLine): void {
    const id = droppedId(dropped);
    const message = `An answer was larger than ${this.settings.maxResponseBytes} bytes.`;
    if (typeof id === 'number') this.onmessage?.({ jsonrpc: '2.0', id, error: { code: -32_000, message } });
    else if (id === undefined || !this.way.calls.finish(id, { kind: 'unreadable', message }))
      this.way.calls.finishAll({ kind: 'unreadable', message });
  }

  private ended(reason: string): void {
    this.isClosed = true;
    this.writer?.close();
    this.way.calls.finishAll({ kind: 'lost', message: reason });
    this.onclose?.();
  }
}

const ENDED: UpstreamAnswer = { kind: 'unreachable', message: 'The server process has ended.' };

/** A raw line break may stand between the tokens of a JSON text, never inside a string: a space says the same. */
function oneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\r\n]/g, ' ') : text;
}
