import type { Settings } from '../../../src/config/settings.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../../../src/faces/ws/bounds.js';
import { ToolCatalog } from '../../../src/discovery/tool-catalog.service.js';
import { get } from '../exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from '../gateway.js';
import { type Exchange, RawMcpServer, toolOf } from '../raw-mcp-server.js';
import { SocketClient } from './socket-client.js';
import { until } from '../until.js';

/** A gateway with one server, whose calls a test answers as it likes. */
export class ServedSockets {
  /** The calls that the server has and does not answer. */
  readonly held: Exchange[] = [];
  /** What the server does with a call; it answers `done` unless told. */
  does: (exchange: Exchange) => unknown = (exchange) => exchange.result();
  readonly hold = (exchange: Exchange): unknown => this.held.push(exchange);
  server!: RawMcpServer;
  gateway!: GatewayHere;
  private readonly clients: SocketClient[] = [];

  /** With bounds of sockets that a test need not wait for. */
  static async start(
    environment: Readonly<Record<string, string>> = {},
    bounds: Partial<SocketBounds> = {},
    settings: Partial<Settings> = {},
  ): Promise<ServedSockets> {
    const served = new ServedSockets();
    served.server = await RawMcpServer.start({
      tools: [toolOf('work'), toolOf('play')],
      on: { 'tools/call': (exchange) => served.does(exchange) },
    });
    served.gateway = await served.gatewayWith(environment, bounds, settings);
    return served;
  }

  /** One more gateway in front of the same server. */
  async gatewayWith(
    environment: Readonly<Record<string, string>>,
    bounds: Partial<SocketBounds> = {},
    settings: Partial<Settings> = {},
  ): Promise<GatewayHere> {
    const gateway = await startGatewayHere(environment, [httpUpstream(this.server.url)], settings);
    setBounds(gateway, bounds);
    await until('the tools are listed', () => gateway.app.get(ToolCatalog, { strict: false }).snapshot().unlisted.length === 0);
    return gateway;
  }

  async open(options?: object, protocols?: string[], url = this.gateway.url): Promise<SocketClient> {
    const client = await SocketClient.open(url, options, protocols);
    this.clients.push(client);
    return client;
  }

  isHeld(count: number): Promise<true> {
    return until(`the server has ${count} calls`, () => this.held.length >= count);
  }

  get received(): number {
    return this.server.received('tools/call').length;
  }

  /** What a gateway counts under this name. */
  async metric(name: string, url = this.gateway.url): Promise<number | undefined> {
    const line = (await get(url, '/metrics')).text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  }

  async close(): Promise<void> {
    for (const { socket } of this.clients) socket.terminate();
    await this.gateway.close();
    await this.server.stop();
  }
}

/** Bounds that an application has in place of its own; set before its first socket. */
export function setBounds(gateway: Pick<GatewayHere, 'app'>, bounds: Partial<SocketBounds>): void {
  Object.assign(gateway.app.get<SocketBounds>(SOCKET_BOUNDS, { strict: false }), bounds);
}
