import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { get, post } from '../../support/exchange.ts';
import { allListed } from '../../support/listed.ts';
import { grantedAndCalled } from './person.ts';

/** The gateway before the suite's server, and what the suite says of the scenario. */
export interface Scene {
  readonly gatewayUrl: string;
  readonly revision: string;
  readonly context: {
    readonly client_id?: string;
    readonly client_secret?: string;
    readonly toolCalls?: readonly { readonly name: string; readonly arguments: Record<string, unknown> }[];
  };
}

type Drive = (scene: Scene) => Promise<void>;
type Step = (client: Client, scene: Scene) => Promise<unknown>;

const MODERN = '2026-07-28';

const DRIVES: Readonly<Record<string, Drive>> = {
  initialize: asClient(),
  'request-metadata': asClient(),
  tools_call: asClient(calling('add_numbers', { a: 5, b: 3 })),
  'elicitation-sep1034-client-defaults': asClient(calling('test_client_elicitation_defaults')),
  'sse-retry': asClient(calling('test_reconnection')),
  'sep-2322-client-request-state': asClient(
    calling('test_mrtr_echo_state'),
    calling('test_mrtr_no_state'),
    calling('test_mrtr_no_result_type'),
  ),
  'http-standard-headers': asClient(calling('test_headers'), calling('my-hyphenated-tool'), readEverything),
  'http-custom-headers': asClient(async (client, { context }) => {
    for (const call of context.toolCalls ?? []) await client.callTool(call);
  }),
  'http-invalid-tool-headers': callWhatIsDocumented,
  'json-schema-ref-no-deref': asClient((client) =>
    client.callTool({ name: 'lookup_user', arguments: { id: 'a-user' } }).catch(() => 'the suite has no such method'),
  ),
  'json-schema-2020-12-preservation': asClient(echoSchema),
};

/** What is done with the gateway for a scenario. */
export function driveOf(scenario: string): Drive {
  if (scenario.startsWith('auth/')) return ({ gatewayUrl }) => grantedAndCalled(gatewayUrl, 'test-tool');
  const drive = DRIVES[scenario];
  if (!drive) throw new Error(`Nobody has said what to do in the scenario "${scenario}"`);
  return drive;
}

/** An MCP client of the scenario's generation at the gateway's MCP endpoint lists the tools, then takes the steps. */
function asClient(...steps: readonly Step[]): Drive {
  return async (scene) => {
    await allListed(scene.gatewayUrl);
    const client = newClient(scene);
    await client.connect(new StreamableHTTPClientTransport(new URL(`${scene.gatewayUrl}/mcp/suite`)));
    await client.listTools();
    for (const step of steps) await step(client, scene);
    await client.close();
  };
}

/** Accepts every question with the defaults of its form, and calls another tool before it answers. */
function newClient({ revision }: Scene): Client {
  const client = new Client(
    { name: 'conformance', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } } },
      versionNegotiation: { mode: revision === MODERN ? { pin: MODERN } : 'legacy' },
    },
  );
  client.setRequestHandler('elicitation/create', async () => {
    if (revision !== MODERN) return { action: 'accept' as const, content: {} };
    await client.callTool({ name: 'test_mrtr_unrelated', arguments: {} });
    const content: Record<string, boolean> = { confirmed: true };
    return { action: 'accept' as const, content };
  });
  return client;
}

function calling(name: string, args: Record<string, unknown> = {}): Step {
  return (client) => client.callTool({ name, arguments: args });
}

async function readEverything(client: Client): Promise<void> {
  for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
  for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
}

/** Gives a tool the schema of the other one, as the gateway lists it. */
async function echoSchema(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  const schema = tools.find(({ name }) => name !== 'json_schema_echo')?.inputSchema;
  await client.callTool({ name: 'json_schema_echo', arguments: { schema } });
}

/** By the HTTP face, as a client of the SDK leaves out wrong tools itself: here the gateway has to. */
async function callWhatIsDocumented({ gatewayUrl }: Scene): Promise<void> {
  await allListed(gatewayUrl);
  const { paths } = JSON.parse((await get(gatewayUrl, '/suite/openapi.json')).text) as { paths: Record<string, object> };
  const args = { region: 'us', value: 'a', field1: 'a', field2: 'b', data: {}, items: [], nil: null, score: 1 };
  for (const path of Object.keys(paths)) await post(gatewayUrl, `/suite${path}`, args);
}
