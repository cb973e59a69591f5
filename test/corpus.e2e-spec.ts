import { type CorpusTool, loadCorpus, toolsText } from './support/schemas/corpus.ts';
import { get, post } from './support/exchange.ts';
import { type GatewayHere, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { cleanParameters, convertOpenApiToToolPayload, type JsonMap, type ToolPayload } from './support/schemas/open-webui-reader.ts';
import { problemsOfPublished } from './support/schemas/published-schema.ts';
import { type RecordingUpstream, startRecordingUpstream, type TransportKind } from './support/recording-upstream.ts';

const FILES = loadCorpus();
const TOOLS = FILES.flatMap(({ tools }) => tools);
const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;
/** Names that Open WebUI handles itself, whoever owns the tool. */
const RESERVED = new Set(
  `ask_user delegate_task search_tools call_tool display_file write_file replace_file_content run_command read_user_terminal
  send_user_terminal_input fetch_url view_file view_knowledge_file query_knowledge_files query_chat_files`.split(/\s+/),
);

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: JsonMap } } };
}

/** A gateway in front of a server that lists the whole corpus. */
class Round {
  readonly operations = new Map<CorpusTool, Operation>();
  document: JsonMap = {};

  private constructor(
    readonly upstream: RecordingUpstream,
    readonly gateway: GatewayHere,
  ) {}

  static async start(kind: TransportKind): Promise<Round> {
    const upstream = await startRecordingUpstream(kind, 'corpus', toolsText(TOOLS));
    const round = new Round(upstream, await startGatewayHere({}, [{ ...upstream.settings, formats: 'on' }]));
    await round.readDocument().catch(async (error: unknown) => {
      await round.stop();
      throw error;
    });
    return round;
  }

  /** The operations are in the order of the server's list. */
  private async readDocument(): Promise<void> {
    await allListed(this.gateway.url);
    this.document = JSON.parse((await get(this.gateway.url, '/openapi.json')).text) as JsonMap;
    Object.values(this.document['paths'] as Record<string, { post: Operation }>).forEach(({ post: operation }, index) =>
      this.operations.set(TOOLS[index] as CorpusTool, operation),
    );
  }

  pathOf(tool: CorpusTool): string {
    return `/v1/tools/${this.operations.get(tool)?.operationId}`;
  }

  /** Posts the text; gives the answer and what reached the server of it. */
  async call(path: string, text: string) {
    this.upstream.takeCalls();
    const { status, text: body } = await post(this.gateway.url, path, text);
    return { status, body, received: this.upstream.takeCalls().map(readCall) };
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    await this.upstream.close();
  }
}

/** Name and text of the arguments of a `tools/call`, sliced out of its text. */
function readCall(message: string): { name: string; arguments: string } {
  const [, name, args] = /"params":\{"name":("(?:[^"\\]|\\.)*"),"arguments":(.*),"_meta":\{/s.exec(message) as unknown as string[];
  return { name: JSON.parse(name as string) as string, arguments: args as string };
}

const cases = (tools: readonly CorpusTool[]) => tools.map((tool) => [titleOf(tool), tool] as const);

function titleOf({ tool }: CorpusTool): string {
  return JSON.stringify(tool.name.length > 60 ? `${tool.name.slice(0, 50)}… (${tool.name.length})` : tool.name);
}

describe('the corpus', () => {
  let round: Round;
  let read: Map<CorpusTool, ToolPayload>;

  beforeAll(async () => {
    round = await Round.start('http');
    const payloads = convertOpenApiToToolPayload(round.document);
    read = new Map(payloads.map((payload, index) => [TOOLS[index] as CorpusTool, payload]));
  });
  afterAll(() => round.stop());

  it('has more than 120 tools, and those of ten servers', () => {
    expect(FILES.filter(({ name }) => /server|mcp/.test(name)).length).toBeGreaterThanOrEqual(10);
    expect(TOOLS.length).toBeGreaterThan(120);
    expect(new Set(TOOLS.map(({ tool }) => tool.name)).size).toBe(TOOLS.length);
  });

  it('[AC7] is published whole, each tool under a legal name of its own that is not reserved (contract 2)', () => {
    const ids = [...round.operations.values()].map(({ operationId }) => operationId);
    expect(ids).toHaveLength(TOOLS.length);
    expect(new Set(ids).size).toBe(TOOLS.length);
    expect(ids.filter((id) => !LEGAL.test(id))).toEqual([]);
    for (const [tool, { operationId }] of round.operations) {
      if (RESERVED.has(tool.tool.name)) expect(operationId).toBe(`corpus_${tool.tool.name}`);
      else if (LEGAL.test(tool.tool.name)) expect(operationId).toBe(tool.tool.name);
    }
  });

  it('[AC7] is told apart by the first 100 characters of each description (contract 3)', () => {
    const starts = [...round.operations.values()].map(({ description }) => description.slice(0, 100));
    expect(starts.filter((start) => start.trim() === '')).toEqual([]);
    expect(new Set(starts).size).toBe(TOOLS.length);
  });

  it.each(cases(TOOLS))('[AC7][AC1] %s is published for Open WebUI and read by it (contract 3)', (_, tool) => {
    const { schema } = (round.operations.get(tool) as Operation).requestBody.content['application/json'];
    const { parameters } = read.get(tool) as ToolPayload;
    const guesses: unknown[] = [];
    const cleaned = cleanParameters(parameters, (guess) => guesses.push(guess));

    expect({ ...schema, type: schema['type'] }).toMatchObject({ type: 'object', properties: expect.any(Object) });
    expect(problemsOfPublished(schema)).toEqual([]);
    expect(guesses).toEqual(tool.isCut ? [{}] : []);
    expect(nestingOf(JSON.stringify(schema))).toBeLessThan(200);
    const names = Object.keys(cleaned['properties'] as object);
    expect(tool.parameters === null ? null : names).toEqual(tool.parameters === undefined ? ownProperties(tool) : tool.parameters);
    for (const [name, property] of Object.entries(tool.published ?? {})) expect((schema['properties'] as JsonMap)[name]).toEqual(property);
  });

  it('[AC7] is read under the names and descriptions of the document', () => {
    expect([...read.values()].map(({ name, description }) => ({ name, description }))).toEqual(
      [...round.operations.values()].map(({ operationId, description }) => ({ name: operationId, description })),
    );
  });
});

describe.each(['stdio', 'http'] as const)('a call over %s', (kind) => {
  let round: Round;

  beforeAll(async () => {
    round = await Round.start(kind);
  });
  afterAll(() => round.stop());

  /** A message over stdio is one line. */
  const asSent = (text: string) => (kind === 'stdio' ? text.replace(/[\r\n]/g, ' ') : text);

  const withArguments = cases(TOOLS.filter(({ valid }) => valid.length > 0));
  it.each(withArguments)('[AC1][CALL] of %s brings its arguments to the server, byte by byte', async (_, tool) => {
    for (const text of tool.valid) {
      const { status, body, received } = await round.call(round.pathOf(tool), text);
      expect({ text, status, body, received }).toEqual({
        ...{ text, status: 200, body: expect.any(String) },
        received: [{ name: tool.tool.name, arguments: asSent(text) }],
      });
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(cases(TOOLS))('[S4][E5] of %s with wrong arguments is refused before it reaches the server', async (_, tool) => {
    for (const text of tool.invalid) {
      const { status, body, received } = await round.call(round.pathOf(tool), text);
      expect({ text, status, received }).toEqual({ text, status: 400, received: [] });
      expect(JSON.parse(body)).toMatchObject({
        error: { type: 'validation_error', details: { field: expect.any(String), issue: expect.stringMatching(/./) } },
      });
    }
  });

  it.each(cases(TOOLS.filter(({ entries }) => entries)))(
    '[AC1][CALL] of the map %s by way of `entries` brings what is in it to the server',
    async (_, tool) => {
      for (const text of tool.valid) {
        const { status, received } = await round.call(round.pathOf(tool), `{ "entries" : ${text} }`);
        expect({ text, status, received }).toEqual({
          ...{ text, status: 200 },
          received: [{ name: tool.tool.name, arguments: asSent(text) }],
        });
      }
      for (const text of tool.invalid.filter((each) => each.startsWith('{'))) {
        const { status, received } = await round.call(round.pathOf(tool), `{"entries":${text}}`);
        expect({ text, status, received }).toEqual({ text, status: 400, received: [] });
      }
    },
  );

  const renamed = TOOLS.filter(({ tool: { name } }) => (RESERVED.has(name) || !LEGAL.test(name)) && name.isWellFormed());
  it.each(cases(renamed))('[AC1] of %s by its own name, percent-encoded, reaches it', async (_, tool) => {
    const [text] = tool.valid as [string];
    const { status, received } = await round.call(`/v1/tools/${encodeURIComponent(tool.tool.name)}`, text);
    expect({ status, received }).toEqual({ status: 200, received: [{ name: tool.tool.name, arguments: asSent(text) }] });
  });
});

function ownProperties({ tool }: CorpusTool): string[] {
  return Object.keys((tool.inputSchema['properties'] ?? {}) as object);
}

function nestingOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
