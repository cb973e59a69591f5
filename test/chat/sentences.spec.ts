import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { isJsonObject, type McpTool } from '@app/mcp-openapi';
import { DEFAULT_TRANSLATION } from '../../src/config/upstream-settings.js';
import type { AssistantTool } from '../../src/faces/chat/assistant/assistant.ts';
import { ROOT } from '../support/processes.ts';
import { PLANNER } from '../support/built.ts';
import { packaged } from '../support/installed/server-everything.ts';
import { type Sentence, understood } from './said.ts';

const SERVERS = ['planner', 'filesystem', 'memory', 'everything'] as const;
type Server = (typeof SERVERS)[number];

/** How each is started; the file system's may see an empty folder. */
const COMMANDS: Readonly<Record<Server, () => readonly string[]>> = {
  planner: () => [path.join(ROOT, PLANNER)],
  filesystem: () => [packaged('server-filesystem'), mkdtempSync(path.join(tmpdir(), 'sentences-'))],
  memory: () => [packaged('server-memory')],
  everything: () => [packaged('server-everything'), 'stdio'],
};

const HALVES = ['blind', 'open'] as const;
/** Of a hundred sentences so many have the right tool and the right arguments. */
const GOALS = { planner: 90, others: 70 };

const tools = new Map<string, readonly McpTool[]>();

beforeAll(async () => {
  for (const server of SERVERS) tools.set(server, await toolsOf(COMMANDS[server]()));
});

async function toolsOf(args: readonly string[]): Promise<readonly McpTool[]> {
  const client = new Client({ name: 'sentences', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [...args], stderr: 'ignore' }));
  try {
    return (await client.listTools()).tools;
  } finally {
    await client.close();
  }
}

describe.each(HALVES)('the sentences of %s.jsonl', (half) => {
  const sentences = readFileSync(path.join(ROOT, `test/chat/${half}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sentence);

  it('[EP1] the assistant finds the right tool and the right arguments', () => {
    const verdicts = sentences.map((sentence) => judge(sentence));
    console.log([...verdicts.flatMap(missOf), ...SERVERS.map((server) => summaryOf(server, verdicts))].join('\n'));
    const planner = verdicts.filter(({ sentence }) => sentence.server === 'planner');
    const others = verdicts.filter(({ sentence }) => sentence.server !== 'planner');
    expect(percentRight(planner)).toBeGreaterThanOrEqual(GOALS.planner);
    expect(percentRight(others)).toBeGreaterThanOrEqual(GOALS.others);
  });

  it.each([
    ['of the planner alone', ({ server }: Sentence) => server === 'planner'],
    ['of all servers', () => true],
    ['of none', () => false],
  ])('[EP1] no write runs unasked that was not meant, where hints are believed %s', (_, isTrusted) => {
    const wrong = sentences.map((sentence) => judge(sentence, isTrusted(sentence))).filter(({ isWrongWrite }) => isWrongWrite);
    expect(wrong.map(({ sentence, got }) => ({ sentence, got }))).toEqual([]);
  });
});

interface Verdict {
  readonly sentence: Sentence;
  readonly got: ReturnType<typeof understood>;
  readonly isRightTool: boolean;
  readonly isRight: boolean;
  /** It would change something at once, and not what was meant. */
  readonly isWrongWrite: boolean;
}

function judge(sentence: Sentence, isTrusted = sentence.server === 'planner'): Verdict {
  const offered = tools
    .get(sentence.server)!
    .map((tool): AssistantTool => ({ name: tool.name, server: sentence.server, tool, isTrusted, judged: DEFAULT_TRANSLATION }));
  const got = understood(sentence.sentence, offered);
  const isRightTool = got.tool === sentence.tool;
  const isComplete = (got.missing.length === 0) === (sentence.missing === undefined || sentence.missing.length === 0);
  const asksRight = got.missing.every((name) => sentence.missing?.includes(name));
  const isRight = isRightTool && isComplete && asksRight && isDeepStrictEqual(got.arguments, sentence.arguments);
  return { sentence, got, isRightTool, isRight, isWrongWrite: got.runs && !isRight && isWrite(sentence.server, got.tool) };
}

function isWrite(server: string, name: string | null): boolean {
  const annotations = tools.get(server)!.find((tool) => tool.name === name)?.annotations;
  return !(isJsonObject(annotations) && annotations['readOnlyHint'] === true);
}

function percentRight(verdicts: readonly Verdict[]): number {
  return (100 * verdicts.filter(({ isRight }) => isRight).length) / verdicts.length;
}

function missOf({ sentence, got, isRight }: Verdict): string[] {
  if (isRight) return [];
  const wanted = `${sentence.tool} ${JSON.stringify(sentence.arguments)}${sentence.missing ? ` missing ${sentence.missing.join(', ')}` : ''}`;
  const had = `${got.tool} ${JSON.stringify(got.arguments)}${got.missing.length > 0 ? ` missing ${got.missing.join(', ')}` : ''}`;
  return [`miss (${sentence.server}): ${sentence.sentence}\n  right: ${wanted}\n  got:   ${had}`];
}

function summaryOf(server: string, verdicts: readonly Verdict[]): string {
  const own = verdicts.filter(({ sentence }) => sentence.server === server);
  const tool = own.filter(({ isRightTool }) => isRightTool).length;
  return `${server}: right tool ${tool} of ${own.length}, right tool and arguments ${own.filter(({ isRight }) => isRight).length} of ${own.length}`;
}

it('[EP1] docs/assistant.md tells what becomes of its sentences', () => {
  const rows = readFileSync(path.join(ROOT, 'docs/assistant.md'), 'utf8').matchAll(/^\| (.+) \| `(\w+)` \| `(\{.*\})` \|$/gm);
  const told = [...rows].map(([, sentence, tool, args]) => ({ sentence: sentence!, tool: tool!, arguments: JSON.parse(args!) as object }));
  const offered = tools
    .get('planner')!
    .map((tool): AssistantTool => ({ name: tool.name, server: 'planner', tool, isTrusted: true, judged: DEFAULT_TRANSLATION }));
  expect(told.length).toBe(8);
  for (const { sentence, ...right } of told)
    expect([sentence, understood(sentence, offered)]).toEqual([sentence, expect.objectContaining(right)]);
});
