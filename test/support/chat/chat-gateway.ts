import type { HttpUpstreamSettings } from '../../../src/config/upstream-settings.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from '../gateway.ts';
import { allListed } from '../listed.ts';
import { type Exchange, RawMcpServer, textResult, toolOf } from '../raw-mcp-server.ts';
import { ScriptedModel } from './scripted-model.ts';

const CREATE_TASK = {
  name: 'create_task',
  description: 'Creates a task.',
  inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
};

/** A gateway between a scripted model and an MCP server that answers as it is told. */
export interface ChatGateway {
  readonly url: string;
  readonly gateway: GatewayHere;
  readonly model: ScriptedModel;
  readonly server: RawMcpServer;
  /** What the server does with a call; it answers `done` unless told. */
  does: (exchange: Exchange) => unknown;
  /** Names and arguments of the calls that it got. */
  received(): [string | undefined, unknown][];
}

type Closing = <T extends { close(): Promise<unknown> } | { stop(): Promise<unknown> }>(opened: T) => T;

/** Starts all three; the tools are `work`, `create_task` and `look` unless told. */
export async function startChat(
  closing: Closing,
  environment: Record<string, string> = {},
  more: Partial<HttpUpstreamSettings> = {},
  tools: readonly unknown[] = [toolOf('work'), CREATE_TASK, toolOf('look')],
): Promise<ChatGateway> {
  const model = closing(await ScriptedModel.start());
  const server = closing(
    await RawMcpServer.start({
      tools,
      on: { 'tools/call': (exchange) => chat.does(exchange) },
    }),
  );
  const gateway = closing(await startGatewayHere({ OPENAI_API_BASE_URL: model.url, ...environment }, [httpUpstream(server.url, more)]));
  await allListed(gateway.url);
  const chat: ChatGateway = {
    url: gateway.url,
    gateway,
    model,
    server,
    does: (exchange) => exchange.result(textResult(`done: ${exchange.message.params?.name}`)),
    received: () => server.received('tools/call').map(({ message: { params } }) => [params?.name, params?.arguments]),
  };
  return chat;
}
