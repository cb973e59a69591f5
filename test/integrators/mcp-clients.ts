import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { allListed } from '../support/listed.ts';
import { type RunningProcess, startGateway, startNode } from '../support/processes.ts';
import { RawMcpServer, textResult } from '../support/raw-mcp-server.ts';
import { installPythonPackages } from '../support/installed/python-packages.ts';
import type { Check, Scene } from './checks.ts';
import { succeedingOutputOf } from './output-of.ts';

const HERE = path.resolve('test/integrators');
const PYTHON = { 'mcp_v1.py': 'mcp==1.30.0', 'mcp_v2.py': 'mcp==2.3.0' };
/** A tool of each server that asks for a name. */
const ASKING = { legacy: 'test_elicitation', modern: 'test_input_required_result_elicitation' };
const ERAS = ['legacy', 'modern'] as const;

type Era = (typeof ERAS)[number];

/** MCP clients of others at the gateway's MCP endpoint, with servers of both generations behind it. */
export const MCP_CHECKS: readonly Check[] = [
  ...ERAS.flatMap((era) =>
    Object.entries(PYTHON).map(([script, pin]) => ({
      title: `${pin} of Python lists, calls, answers a form, reads and prompts at /mcp, ${era} server`,
      run: (scene: Scene) => before(era, scene, (url) => fromPython(script, pin, url, era, scene)),
    })),
  ),
  ...ERAS.map((era) => ({
    title: `MCP Inspector's command line lists, calls, reads and prompts at /mcp, ${era} both sides`,
    run: (scene: Scene) => before(era, scene, (url) => fromInspector(url, era, scene)),
  })),
  {
    title: `${PYTHON['mcp_v2.py']} of Python, set up as Open WebUI has it, takes an answer over 1 MiB of a tool that was silent for 16 s`,
    run: largeAnswer,
  },
];

/** Longer than the gateway is silent, and more than that client takes as one event. */
const SILENT_MS = 16_000;
const LARGE = 2 * 1024 * 1024;

async function largeAnswer({ key, folder }: Scene): Promise<void> {
  const result = textResult('x'.repeat(LARGE));
  const server = await RawMcpServer.start({ on: { 'tools/call': (call) => void setTimeout(() => call.result(result), SILENT_MS) } });
  const gateway = await startGateway({ cwd: folder, env: { API_KEYS: key, MCP_SERVER_URL: server.url } });
  try {
    await allListed(gateway.url);
    const pin = PYTHON['mcp_v2.py'];
    const bin = await installPythonPackages(pin.replace('==', '-'), [pin]);
    await succeedingOutputOf(`${bin}/python`, [path.join(HERE, 'mcp_large.py'), `${gateway.url}/mcp`, key, 'work', `${LARGE}`], folder);
  } finally {
    await gateway.stop();
    await server.stop();
  }
}

/** A gateway with a key before the server of that generation. */
async function before(era: Era, { key, folder }: Scene, use: (url: string) => Promise<void>): Promise<void> {
  const started: RunningProcess[] = [];
  try {
    const server = await startNode(`test/conformance/upstreams/${era}.ts`);
    started.push(server);
    const config = path.join(folder, `${era}.json`);
    await writeFile(config, JSON.stringify({ mcpServers: { [era]: { url: `${server.url}/mcp` } } }));
    const gateway = await startGateway({ args: ['--config', config], cwd: folder, env: { API_KEYS: key } });
    started.push(gateway);
    await allListed(gateway.url);
    await use(`${gateway.url}/mcp/${era}`);
  } finally {
    await Promise.all(started.map((each) => each.stop()));
  }
}

async function fromPython(script: string, pin: string, url: string, era: Era, { key, folder }: Scene): Promise<void> {
  const bin = await installPythonPackages(pin.replace('==', '-'), [pin]);
  await succeedingOutputOf(`${bin}/python`, [path.join(HERE, script), url, key, ASKING[era]], folder);
}

async function fromInspector(url: string, era: Era, { key, tools, folder }: Scene): Promise<void> {
  const ask = async (method: string, ...args: string[]) => {
    const common = [
      '--cli',
      url,
      '--transport',
      'http',
      '--protocol-era',
      era,
      '--header',
      `Authorization: Bearer ${key}`,
      '--method',
      method,
    ];
    // Where it keeps what it remembers.
    return succeedingOutputOf(`${tools.npm}/mcp-inspector`, [...common, ...args], folder, { HOME: folder });
  };
  holds(await ask('tools/list'), '"name": "test_image_content"');
  holds(await ask('tools/call', '--tool-name', 'test_simple_text'), 'This is a simple text response for testing.');
  holds(await ask('resources/list'), '"uri": "test://static-binary"');
  holds(await ask('resources/read', '--uri', 'test://static-text'), 'This is the content of the static text resource.');
  holds(await ask('prompts/get', '--prompt-name', 'test_prompt_with_arguments', '--prompt-args', 'arg1=a', 'arg2=b'), "arg1='a'");
}

function holds(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`There is no ${part} in\n${text}`);
}
