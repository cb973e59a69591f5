import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { GATEWAY } from './support/built.js';
import { ROOT, startGateway } from './support/processes.js';
import { runningWith } from './support/process/children.js';
import { Recorded, temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

/** Writes its pid down and ends neither on SIGTERM nor with its stdin; with a second argument it has its parent stopped first of all. */
const STUBBORN = `
  const [file, stopsParent] = process.argv.slice(1);
  process.on('SIGTERM', () => undefined);
  require('node:fs').appendFileSync(file, 'start ' + process.pid + '\\n');
  if (stopsParent) process.kill(process.ppid, 'SIGTERM');
  setInterval(() => undefined, 60_000);
`;

describe('[P4] servers that do not end by themselves are gone', () => {
  const newFolder = temporaryFolder();

  const configure = (...more: string[]) => {
    const folder = newFolder();
    const recorded = new Recorded(path.join(folder, 'pids'));
    const server = (...args: string[]) => ({ command: process.execPath, args: ['-e', STUBBORN, recorded.file, ...args] });
    const config = path.join(folder, 'servers.json');
    writeFileSync(config, JSON.stringify({ mcpServers: { first: server(...more), second: server() } }));
    return { recorded, args: ['--config', config] };
  };

  const runToEnd = async (args: string[], port: number) => {
    const { PATH, HOME } = process.env;
    const gateway = spawn(process.execPath, [path.join(ROOT, GATEWAY), ...args], { env: { PATH, HOME, PORT: String(port) } });
    let stderr = '';
    gateway.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    gateway.stdout.resume();
    const [status] = await once(gateway, 'close');
    return { status: status as number | null, stderr };
  };

  const untilGone = (recorded: Recorded) => until('no server is left', () => runningWith(recorded.file).length === 0);

  it('when the port is busy', async () => {
    const { recorded, args } = configure();
    const busy = net.createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { status, stderr } = await runToEnd(args, (busy.address() as AddressInfo).port);
    busy.close();
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'PORT: something listens on this port already; set PORT or stop it\n' });
    await untilGone(recorded);
  });

  it('when the gateway is stopped before it serves', async () => {
    const { recorded, args } = configure('stop');
    expect(await runToEnd(args, 0)).toMatchObject({ status: 0 });
    expect(recorded.starts.length).toBeGreaterThan(0);
    await untilGone(recorded);
  });

  it('when a second signal ends the gateway at once', async () => {
    const { recorded, args } = configure();
    const gateway = await startGateway({ args });
    await until('both servers', () => recorded.starts.length === 2);
    const exited = gateway.stop();
    await until('the first signal to be taken', () => gateway.stdout.some((line) => line.includes('"stopping"')));
    process.kill(gateway.pid, 'SIGTERM');
    expect(await exited).toBe(1);
    await untilGone(recorded);
  });
});
