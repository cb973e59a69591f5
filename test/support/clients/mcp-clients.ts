import type { Server } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type GatewayHere, startGatewayHere } from '../gateway.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** The official clients: of the older generation, and the newer one in both. */
export const CLIENTS = ['v1', 'v2 legacy', 'v2 modern'] as const;
export type ClientKind = (typeof CLIENTS)[number];

interface Answers {
  /** To a form; undefined declares nothing. */
  readonly elicitation?: (params: unknown) => object;
  readonly sampling?: (params: unknown) => object;
}

export interface ClientOptions extends Answers {
  readonly headers?: Readonly<Record<string, string>>;
}

/** What these tests ask of a client, whichever it is. */
export type AnyClient = Pick<
  Client,
  | 'listTools'
  | 'callTool'
  | 'listPrompts'
  | 'getPrompt'
  | 'listResources'
  | 'listResourceTemplates'
  | 'readResource'
  | 'complete'
  | 'close'
  | 'getInstructions'
  | 'getServerCapabilities'
> & {
  /** Methods and params of notifications that came. */
  readonly heard: { readonly method: string; readonly params?: unknown }[];
  readonly era: string | undefined;
};

/** Connects one to an endpoint. */
export async function connect(kind: ClientKind, url: string, options: ClientOptions = {}): Promise<AnyClient> {
  const { headers = {}, ...answers } = options;
  const capabilities = { ...(answers.elicitation && { elicitation: { form: {} } }), ...(answers.sampling && { sampling: {} }) };
  return kind === 'v1' ? connectV1(url, headers, answers, capabilities) : connectV2(kind, url, headers, answers, capabilities);
}

/** A gateway for MCP clients: they leave connections on which nothing was ever asked, and which nothing but their end closes. */
export async function startMcpGateway(...given: Parameters<typeof startGatewayHere>): Promise<GatewayHere> {
  const gateway = await startGatewayHere(...given);
  const close = async (): Promise<void> => {
    const cutting = setInterval(() => (gateway.app.getHttpServer() as Server).closeAllConnections(), 20);
    await gateway.close().finally(() => clearInterval(cutting));
  };
  return { ...gateway, close };
}

const INFO = { name: 'test', version: '1' };

async function connectV1(url: string, headers: ClientOptions['headers'], answers: Answers, capabilities: object): Promise<AnyClient> {
  const client = new ClientV1(INFO, { capabilities });
  const { elicitation, sampling } = answers;
  if (elicitation) client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicitation(params) as never);
  if (sampling) client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => sampling(params) as never);
  const heard: AnyClient['heard'] = [];
  client.fallbackNotificationHandler = async (notification) => void heard.push(notification);
  await client.connect(new TransportV1(new URL(url), { requestInit: { headers: { ...headers } } }));
  const callTool = (params: never, options: never) => ClientV1.prototype.callTool.call(client, params, undefined, options);
  return Object.assign(client as unknown as AnyClient, { heard, era: 'legacy', callTool: callTool as unknown as AnyClient['callTool'] });
}

async function connectV2(
  kind: ClientKind,
  url: string,
  headers: ClientOptions['headers'],
  { elicitation, sampling }: Answers,
  capabilities: object,
): Promise<AnyClient> {
  const mode = kind === 'v2 modern' ? { pin: '2026-07-28' } : ('legacy' as const);
  const client = new Client(INFO, { capabilities, versionNegotiation: { mode } });
  if (elicitation) client.setRequestHandler('elicitation/create', ({ params }) => elicitation(params) as never);
  if (sampling) client.setRequestHandler('sampling/createMessage', ({ params }) => sampling(params) as never);
  const heard: AnyClient['heard'] = [];
  client.fallbackNotificationHandler = async (notification) => void heard.push(notification as never);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { ...headers } } }));
  return Object.assign(client as unknown as AnyClient, { heard, era: client.getProtocolEra() });
}
