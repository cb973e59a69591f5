import { type RunningProcess, startNode } from '../processes.ts';

/** One of the servers that a process opens. */
export interface OpenedServer {
  readonly url: string;
  /** Ends it, with its connections. Harmless when it has ended. */
  stop(): Promise<unknown>;
}

/** A script that uses test/support/servers/opening.mjs, in a process of its own. */
export class OpeningProcess {
  private running: Promise<RunningProcess> | undefined;

  private readonly script: string;

  constructor(script: string) {
    this.script = script;
  }

  /** Opens a server; the first starts the process. */
  async open(settings: Readonly<Record<string, string>> = {}): Promise<OpenedServer> {
    this.running ??= startNode(this.script);
    const control = (await this.running).url;
    const ask = (method: string, query: Readonly<Record<string, string>>) =>
      fetch(`${control}/?${new URLSearchParams(query).toString()}`, { method }).then((answer) => answer.text());
    const url = await ask('POST', settings);
    return { url, stop: () => ask('DELETE', { url }) };
  }

  /** Ends the process and its servers. */
  async stop(): Promise<void> {
    const running = this.running;
    this.running = undefined;
    await (await running)?.stop('SIGKILL');
  }
}

/** A process for the test file: to start one for each test takes most of the time of many. */
export function opensForFile(script: string): OpeningProcess {
  const opening = new OpeningProcess(script);
  afterAll(() => opening.stop());
  return opening;
}
