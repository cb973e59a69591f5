import type { SocketConstructor } from '../../../libs/ws-client/src/index.js';

interface Frame {
  readonly type: string;
  readonly correlation_id?: string;
  readonly seq: number;
  readonly data: { readonly last_seq?: number; readonly status?: number; readonly resumed?: object };
}

/** The session cannot be had just now: the client asks again. */
const UNAVAILABLE = 503;

/** What the sockets of one client say and are told, as it is on the wire: each frame of its session has to come in its order, once. */
export class SocketRecord {
  /** Calls of which `tool_started` came. */
  readonly started = new Set<string>();
  readonly problems: string[] = [];
  resumes = 0;
  /** The last frame of the session that has come. */
  private lastSeq = 0;

  /** Sockets that note what passes. */
  get sockets(): SocketConstructor {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class below has one of its own
    const record = this;
    return class extends WebSocket {
      private resumeId: string | undefined;
      private isFirst = true;

      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        this.addEventListener('message', ({ data }) => {
          const frame = JSON.parse(data as string) as Frame;
          if (this.isFirst) record.greeted(frame);
          else record.hear(frame, this.resumeId);
          this.isFirst = false;
        });
      }

      override send(text: string): void {
        const frame = JSON.parse(text) as Frame;
        if (frame.type === 'resume') this.resumeId = frame.correlation_id;
        record.say(frame);
        super.send(text);
      }
    } as unknown as SocketConstructor;
  }

  private say({ type, data }: Frame): void {
    if (type === 'resume' && data.last_seq !== this.lastSeq)
      this.problems.push(`the client asks for what came after ${data.last_seq}, and has had ${this.lastSeq}`);
  }

  /** Each socket has a session of its own until it goes on with another. */
  private greeted({ seq }: Frame): void {
    if (this.lastSeq === 0) this.lastSeq = seq;
  }

  private hear({ type, correlation_id: id = '', seq, data }: Frame, resumeId: string | undefined): void {
    if (type === 'error' && id === resumeId) {
      if (data.status !== UNAVAILABLE) this.problems.push(`the session was lost: ${JSON.stringify(data)}`);
      return;
    }
    if (seq !== this.lastSeq + 1) this.problems.push(`${type} ${id} is frame ${seq}, after ${this.lastSeq}`);
    this.lastSeq = Math.max(this.lastSeq, seq);
    if (type === 'tool_started') this.started.add(id);
    if (type === 'connection_established' && data.resumed) this.resumes += 1;
  }
}
