import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenOn } from '../network/free-port.ts';

/** A call as a script lets a model ask for it. */
export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  /** A text goes out as it is, also where it is no JSON. */
  readonly args?: unknown;
}

export interface ChatMessage {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[];
  readonly tool_call_id?: string;
}

/** The body of a completion as it came. */
export interface AskedCompletion {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly {
    readonly type: string;
    readonly function: { readonly name: string; readonly description?: string; readonly parameters?: object };
  }[];
  readonly tool_choice?: unknown;
  readonly [name: string]: unknown;
}

const USAGE = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, prompt_tokens_details: { cached_tokens: 1 } };

/** One completion that reached the model, and the ways to answer it: whole or streamed, as it was asked for. */
export class ModelExchange {
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  readonly asked: AskedCompletion;
  /** From 1. */
  readonly round: number;
  isLeft = false;

  constructor(headers: IncomingHttpHeaders, response: ServerResponse, text: string, round: number) {
    this.headers = headers;
    this.response = response;
    this.asked = JSON.parse(text) as AskedCompletion;
    this.round = round;
    response.on('close', () => (this.isLeft = !response.writableFinished));
  }

  /** Says something, and that is all; in pieces where it is streamed. */
  say(text: string, more: object = {}): void {
    if (this.asked.stream !== true) return this.whole({ role: 'assistant', content: text, ...more }, 'stop');
    this.chunk({ role: 'assistant', content: '' });
    for (const piece of text.match(/.{1,5}/gs) ?? []) this.chunk({ content: piece, ...more });
    this.end('stop');
  }

  /** Asks for calls, with words before them or not; arguments come in pieces where it is streamed. */
  ask(calls: readonly ScriptedCall[], text = '', reason = 'tool_calls'): void {
    const all = calls.map(({ id, name, args = {} }, index) => ({
      index,
      id: id ?? `call_${this.round}_${index}`,
      type: 'function',
      function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
    }));
    if (this.asked.stream !== true) {
      const whole = all.map(({ index: _, ...call }) => call);
      return this.whole({ role: 'assistant', content: text === '' ? null : text, tool_calls: whole }, reason);
    }
    this.chunk({ role: 'assistant', content: text });
    for (const {
      function: { name, arguments: args },
      ...call
    } of all) {
      this.chunk({ tool_calls: [{ ...call, function: { name, arguments: '' } }] });
      for (const piece of args.match(/.{1,7}/gs) ?? []) this.chunk({ tool_calls: [{ index: call.index, function: { arguments: piece } }] });
    }
    this.end(reason);
  }

  /** One chunk; `more` stands beside its choices. */
  chunk(delta: object, reason: string | null = null, more: object = {}): void {
    this.event({ ...this.frame('chat.completion.chunk'), ...more, choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });
  }

  event(data: unknown): void {
    if (!this.response.headersSent) this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }

  end(reason: string): void {
    this.chunk({}, reason);
    if (this.asked.stream_options?.include_usage) this.event({ ...this.frame('chat.completion.chunk'), choices: [], usage: USAGE });
    this.event('[DONE]');
    this.response.end();
  }

  whole(message: object, reason: string, more: object = {}): void {
    const choices = [{ index: 0, message, logprobs: null, finish_reason: reason }];
    this.json(200, { ...this.frame('chat.completion'), choices, usage: USAGE, ...more });
  }

  json(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.send(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }

  send(status: number, body: string, headers: Record<string, string> = {}): void {
    this.response.writeHead(status, headers).end(body);
  }

  private frame(object: string) {
    return {
      id: `chatcmpl-${this.round}`,
      object,
      created: 1_760_520_600 + this.round,
      model: `${this.asked.model}-0125`,
      system_fingerprint: 'fp_1',
    };
  }
}

type Script = (exchange: ModelExchange) => unknown;

/** An OpenAI-compatible server on bare node:http, in the test's own process: what each round answers is scripted. */
export class ScriptedModel {
  readonly exchanges: ModelExchange[] = [];
  /** Headers of the requests for its models. */
  readonly listed: IncomingHttpHeaders[] = [];
  script: Script = (exchange) => exchange.say('Hello.');
  /** In place of the list of its models. */
  listAnswer: ((response: ServerResponse) => void) | undefined;
  models: readonly unknown[] = [{ id: 'small', object: 'model', created: 1_700_000_000, owned_by: 'script' }];
  private readonly http: Server;

  private constructor(http: Server) {
    this.http = http;
  }

  static async start(port?: number): Promise<ScriptedModel> {
    const http = createServer();
    const model = new ScriptedModel(http);
    http.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
      request.on('end', () => void model.answer(request.url ?? '', request.headers, response, Buffer.concat(chunks).toString()));
    });
    await listenOn(http, port);
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/v1`;
  }

  /** The rounds one after another; the last one answers all that come after it. */
  play(...rounds: readonly Script[]): void {
    this.script = (exchange) => (rounds[Math.min(exchange.round, rounds.length) - 1] as Script)(exchange);
  }

  /** What the model was told of its tools, in one round. */
  toolNames(round = 1): string[] {
    return (this.exchanges[round - 1]?.asked.tools ?? []).map(({ function: { name } }) => name);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    this.http.closeAllConnections();
    await closed;
  }

  private answer(url: string, headers: IncomingHttpHeaders, response: ServerResponse, text: string): unknown {
    if (url === '/v1/models') {
      this.listed.push(headers);
      if (this.listAnswer) return this.listAnswer(response);
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: this.models }));
    }
    if (url !== '/v1/chat/completions') return response.writeHead(404).end();
    const exchange = new ModelExchange(headers, response, text, this.exchanges.length + 1);
    this.exchanges.push(exchange);
    return this.script(exchange);
  }
}
