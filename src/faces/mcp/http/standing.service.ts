import { Inject, Injectable } from '@nestjs/common';
import { callerOf } from '../../../http/caller-of.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { CODE } from '../rpc/rpc.js';
import { type Reader, readEventId } from '../session/event-stream.js';
import { McpSessions } from '../session/mcp-sessions.service.js';
import { beginEvents, EVENT_STREAM, eventText } from './http-answer.js';
import { LegacyPosts } from './legacy-post.service.js';
import { ListenerCount } from './listener-count.service.js';
import type { McpRequest } from './mcp-request.js';
import { HttpRefused } from './rpc-refusal.js';

/** GET and DELETE of a session: its stream of what belongs to no request, the rest of an answer, and its end. */
@Injectable()
export class Standing {
  constructor(
    private readonly posts: LegacyPosts,
    private readonly sessions: McpSessions,
    private readonly count: ListenerCount,
    @Inject(MCP_BOUNDS) private readonly bounds: McpBounds,
  ) {}

  open(request: McpRequest): void {
    if (!(request.headers.accept ?? '').includes(EVENT_STREAM))
      throw new HttpRefused(406, { code: CODE.refused, message: `Not Acceptable: the client must accept ${EVENT_STREAM}` });
    const session = this.posts.sessionOf(request);
    const lastId = request.headers['last-event-id'];
    const last = typeof lastId === 'string' ? readEventId(lastId) : undefined;
    const stream = last ? session.stream(last.stream) : session.standing;
    if (!stream || (lastId !== undefined && !last)) throw lost();
    const place = this.count.take(callerOf(request));
    if (!place)
      throw new HttpRefused(503, { code: CODE.refused, message: 'Too many streams are open.' }, undefined, { 'Retry-After': '10' });
    request.res?.once('close', place);
    const pieces: string[] = [];
    let write = (text: string): void => void pieces.push(text);
    let isEnded = false;
    const reader: Reader = {
      write: (id, data) => write(eventText(id, data)),
      end: () => {
        isEnded = true;
        if (response) response.end();
      },
    };
    let response: ReturnType<typeof beginEvents> | undefined;
    if (!stream.readBy(reader, last ? last.seq : stream.last)) {
      place();
      throw lost();
    }
    const opened = (response = beginEvents(request));
    write = (text) => void opened.write(text);
    for (const piece of pieces) write(piece);
    if (isEnded) return void opened.end();
    const keepingAlive = setInterval(() => {
      session.usedAt = performance.now();
      if (!opened.writableNeedDrain) opened.write(': \n\n');
    }, this.bounds.keepAliveMs).unref();
    opened.once('close', () => {
      clearInterval(keepingAlive);
      stream.leave(reader);
      session.usedAt = performance.now();
    });
  }

  end(request: McpRequest): void {
    this.sessions.end(this.posts.sessionOf(request), 'client');
    request.res?.writeHead(204);
    request.res?.end();
  }
}

function lost(): HttpRefused {
  return new HttpRefused(400, {
    code: CODE.refused,
    message: 'What came after this event is not kept: open the stream without Last-Event-ID.',
  });
}
