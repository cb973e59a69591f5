import type { Readable, Writable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { CallRecords } from '../../../call/call-records.service.js';
import { Methods } from '../methods/methods.service.js';
import { Runs } from '../runs/runs.service.js';
import { Listening } from '../talk/listening.service.js';
import { SessionTalk } from '../talk/session-talk.service.js';
import { McpSessions } from '../session/mcp-sessions.service.js';
import { ClientPipe } from './client-pipe.js';
import { FirstLists } from './first-lists.service.js';
import { StdioConnection } from './stdio-connection.js';

/** The gateway as the MCP server of one client that has started it: a message a line on its pipes (MCP basic/transports "stdio"). */
@Injectable()
export class StdioFace {
  private readonly logger = new Logger('stdio');
  private connection: StdioConnection | undefined;

  constructor(
    private readonly talk: SessionTalk,
    private readonly sessions: McpSessions,
    private readonly methods: Methods,
    private readonly runs: Runs,
    private readonly listening: Listening,
    private readonly records: CallRecords,
    private readonly firstLists: FirstLists,
  ) {}

  /** Serves until the client closes its end, and what it asked is over; or reads nothing any more. */
  async serve(input: Readable, output: Writable, maxLineBytes: number): Promise<void> {
    const { talk, sessions, methods, runs, listening, records, firstLists } = this;
    const the = { talk, sessions, methods, runs, listening, records, firstLists };
    await new Promise<void>((end, fail) => {
      const pipe = new ClientPipe(output, () => {
        this.logger.warn({ msg: 'the client reads nothing, and is given up' });
        end();
      });
      this.connection = new StdioConnection(the, pipe, maxLineBytes);
      this.connection.serve(input).then(end, fail);
    });
  }

  /** Takes nothing new from now on. */
  stop(): void {
    this.connection?.stop();
  }

  /** Whether something that was asked has no answer yet. */
  get isAnswering(): boolean {
    return this.connection?.isAnswering ?? false;
  }
}
