import type { CallerSession } from '../../call/caller-sessions.js';
import type { StreamableHttpTransport } from '../streamable-http.transport.js';

/** Opens a session for calls, apart from the one that discovery holds. */
type OpenCallSession = () => Promise<StreamableHttpTransport>;

/** A session for calls. One that the server has forgotten is opened anew once, for any number of callers. */
export class CallSession implements CallerSession {
  isOver = false;
  private renewal: Promise<void> | undefined;

  constructor(
    private transport: StreamableHttpTransport,
    private readonly open: OpenCallSession,
  ) {}

  get current(): StreamableHttpTransport {
    return this.transport;
  }

  /** Opens a new one in place of `expired`, once for all who ask; if that fails, the expired one stays. */
  async renew(expired: StreamableHttpTransport): Promise<void> {
    if (this.transport !== expired) return;
    this.renewal ??= this.open()
      .then(
        (session) => void (this.transport = session),
        () => undefined,
      )
      .finally(() => (this.renewal = undefined));
    await this.renewal;
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}
