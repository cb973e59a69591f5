import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { UpstreamSettings } from '../../src/config/upstream-settings.js';
import { httpUpstream, stdioUpstream } from './gateway.ts';
import { ROOT } from './processes.ts';
import { listAsWritten, RawMcpServer } from './raw-mcp-server.ts';

/** An MCP server without an SDK that lists tools as they are written and keeps each `tools/call` as it came. */
export interface RecordingUpstream {
  readonly settings: UpstreamSettings;
  /** The `tools/call` messages that came since this was last asked, in their own words. */
  takeCalls(): string[];
  close(): Promise<void>;
}

export type TransportKind = 'stdio' | 'http';

/** Starts one called `name` that lists `toolsText`, the text of an array. */
export function startRecordingUpstream(kind: TransportKind, name: string, toolsText: string): Promise<RecordingUpstream> {
  return kind === 'stdio' ? recordOverStdio(name, toolsText) : recordOverHttp(name, toolsText);
}

async function recordOverStdio(name: string, toolsText: string): Promise<RecordingUpstream> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-recording-'));
  const [log, tools] = [path.join(folder, 'calls'), path.join(folder, 'tools.json')];
  writeFileSync(log, '');
  writeFileSync(tools, toolsText);
  let read = 0;
  return {
    settings: stdioUpstream(`${ROOT}/test/support/servers/raw-echo.ts`, [log, tools], { name }),
    takeCalls: () => {
      const text = tailOf(log, read);
      read += Buffer.byteLength(text);
      return text.split('\n').slice(0, -1);
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function tailOf(file: string, from: number): string {
  const tail = Buffer.alloc(statSync(file).size - from);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, tail, 0, tail.length, from);
  closeSync(descriptor);
  return tail.toString();
}

async function recordOverHttp(name: string, toolsText: string): Promise<RecordingUpstream> {
  const server = await RawMcpServer.start({ on: { 'tools/list': listAsWritten(toolsText) } });
  return {
    settings: httpUpstream(server.url, { name }),
    takeCalls: () =>
      server.exchanges
        .splice(0)
        .filter(({ message }) => message.method === 'tools/call')
        .map(({ text }) => text),
    close: () => server.stop(),
  };
}
