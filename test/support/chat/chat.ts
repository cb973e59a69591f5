import { readEvents } from '../clients/event-text.ts';
import { type Exchange, post } from '../exchange.ts';

/** What stands in a stream of server-sent events: each event parsed, comments apart. */
export interface ReadStream {
  readonly events: readonly Record<string, unknown>[];
  readonly comments: readonly string[];
  readonly isDone: boolean;
}

export interface StreamedChunk {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly role?: string; readonly content?: string; readonly tool_calls?: readonly unknown[] };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: unknown;
}

export function readStream(text: string): ReadStream {
  const { events, comments } = readEvents(text);
  const data = events.map((event) => event.data);
  const isDone = data.at(-1) === '[DONE]';
  const parsed = (isDone ? data.slice(0, -1) : data).map((each) => JSON.parse(each) as Record<string, unknown>);
  return { events: parsed, comments, isDone };
}

/** The chunks of a stream, without events of other kinds. */
export function chunksOf({ events }: ReadStream): StreamedChunk[] {
  return events.filter((event) => 'choices' in event) as unknown as StreamedChunk[];
}

/** The words of the one message. */
export function wordsOf(stream: ReadStream): string {
  return chunksOf(stream)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('');
}

/** All finish reasons that were told. */
export function reasonsOf(stream: ReadStream): string[] {
  return chunksOf(stream).flatMap(({ choices }) => choices.flatMap(({ finish_reason: reason }) => reason ?? []));
}

/** What is shown as going on, in Open WebUI. */
export function statusesOf({ events }: ReadStream): unknown[] {
  return events.flatMap((event) => ('event' in event ? [(event['event'] as { data: unknown }).data] : []));
}

export const USER = [{ role: 'user', content: 'Do it.' }];

/** Asks for a completion. */
export function complete(url: string, body: object = {}, headers: Record<string, string> = {}): Promise<Exchange> {
  return post(url, '/v1/chat/completions', { model: 'small', messages: USER, ...body }, headers);
}

/** The same, streamed and read. */
export async function stream(
  url: string,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<ReadStream & Pick<Exchange, 'status' | 'headers'>> {
  const { status, headers: got, text } = await complete(url, { stream: true, ...body }, headers);
  return { status, headers: got, ...readStream(text) };
}

/** As OpenAI tells an error. */
export function openAiError(message: unknown, type: string, code: string | null = null, param: string | null = null) {
  return { error: { message, type, param, code } };
}
