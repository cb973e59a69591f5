import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Settings } from '../../src/config/settings.js';
import { type GatewayHere, startGatewayHere } from './gateway.ts';
import { allListed } from './listed.ts';
import { type Exchange, RawMcpServer } from './raw-mcp-server.ts';

/** A gateway with a config file of one server, `raw`, and that server. */
export interface ConfiguredServer {
  readonly server: RawMcpServer;
  readonly gateway: GatewayHere;
  close(): Promise<void>;
}

interface ServerOptions {
  readonly tools: readonly unknown[];
  /** Answers calls; by itself the server says the arguments as text. */
  readonly call?: (exchange: Exchange) => void;
  /** Keys of the server's entry in the file. */
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly settings?: Partial<Settings>;
}

/** Starts both and waits until the server is listed. Its tools are at `/raw/{tool}`. */
export async function startConfigured({ tools, call, entry, environment, settings }: ServerOptions): Promise<ConfiguredServer> {
  const server = await RawMcpServer.start({ tools, on: { 'tools/call': call ?? saysArguments } });
  const folder = mkdtempSync(path.join(tmpdir(), 'configured-'));
  const file = path.join(folder, 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { raw: { url: server.url, ...entry } } }));
  try {
    const gateway = await startGatewayHere({ ...environment, MCP_CONFIG: file }, undefined, settings);
    await allListed(gateway.url);
    return {
      server,
      gateway,
      close: async () => {
        await gateway.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function saysArguments(exchange: Exchange): void {
  exchange.result({ content: [{ type: 'text', text: JSON.stringify(exchange.message.params?.arguments) }] });
}
