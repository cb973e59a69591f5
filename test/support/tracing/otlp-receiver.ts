import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { listenOn } from '../network/free-port.ts';
import { readFields, type Field } from './protobuf-fields.js';

/** A span as a collector reads it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client';
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

/** Takes OTLP over HTTP with protobuf (opentelemetry-proto 1.x), as a collector's receiver does. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  resource: Readonly<Record<string, unknown>> = {};
  /** What each request is answered. */
  answers: (response: ServerResponse) => void = (response) =>
    void response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  readonly url: string;
  private readonly http: Server;

  private constructor(http: Server) {
    this.http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  static async start(port?: number): Promise<OtlpReceiver> {
    const http = createServer();
    await listenOn(http, port);
    const receiver = new OtlpReceiver(http);
    http.on('request', async (request, response) => {
      const body = await buffer(request);
      receiver.requests.push({ url: request.url ?? '', headers: request.headers, body });
      receiver.read(body);
      receiver.answers(response);
    });
    return receiver;
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private read(body: Buffer): void {
    for (const ofResource of messages(readFields(body), 1)) {
      this.resource = attributesOf(messages(ofResource, 1)[0] ?? [], 1);
      const spans = messages(ofResource, 2).flatMap((ofScope) => messages(ofScope, 2));
      this.spans.push(...spans.map(toSpan));
    }
  }
}

const KINDS = ['internal', 'internal', 'server', 'client'] as const;

/** `opentelemetry.proto.trace.v1.Span`. */
function toSpan(fields: readonly Field[]): ReceivedSpan {
  const [status = []] = messages(fields, 15);
  return {
    traceId: hex(fields, 1),
    spanId: hex(fields, 2),
    parentSpanId: hex(fields, 4),
    name: textOf(fields, 5),
    kind: KINDS[Number(numberOf(fields, 6))] ?? 'internal',
    start: numberOf(fields, 7),
    end: numberOf(fields, 8),
    attributes: attributesOf(fields, 9),
    isError: numberOf(status, 3) === 2n,
  };
}

/** `KeyValue`s, of which values are texts, booleans, whole numbers or doubles. */
function attributesOf(fields: readonly Field[], number: number): Record<string, unknown> {
  return Object.fromEntries(messages(fields, number).map((pair) => [textOf(pair, 1), valueOf(messages(pair, 2)[0] ?? [])]));
}

function valueOf([field]: readonly Field[]): unknown {
  if (!field) return undefined;
  if (field.number === 1) return (field.value as Buffer).toString();
  if (field.number === 2) return field.value === 1n;
  return field.number === 3 ? Number(field.value) : field.value;
}

function messages(fields: readonly Field[], number: number): Field[][] {
  return fields.filter((field) => field.number === number).map(({ value }) => readFields(value as Buffer));
}

function bytesOf(fields: readonly Field[], number: number): Buffer {
  return (fields.find((field) => field.number === number)?.value as Buffer | undefined) ?? Buffer.alloc(0);
}

function textOf(fields: readonly Field[], number: number): string {
  return bytesOf(fields, number).toString();
}

function hex(fields: readonly Field[], number: number): string {
  return bytesOf(fields, number).toString('hex');
}

function numberOf(fields: readonly Field[], number: number): bigint {
  return (fields.find((field) => field.number === number)?.value as bigint | undefined) ?? 0n;
}
