import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { allListed } from '../support/listed.ts';
import type { Cleanup } from './cleanup.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';
import { type ObservedPlanner, startObservedPlanner } from './planner.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';

export const ASSISTANT = 'mcpo-assistant';
/** The model behind the gateway. */
export const BEHIND = 'behind';

/** A gateway that Open WebUI has for a provider of models: the assistant, and a scripted one behind the gateway. */
export interface ChatGateway {
  readonly gateway: ObservedGateway;
  readonly model: ScriptedModel;
  readonly planner: ObservedPlanner;
}

/** Starts all three. */
export async function startChatGateway(cleanup: Cleanup, folder: string): Promise<ChatGateway> {
  const [ofPlanner, ofGateway] = [path.join(folder, 'planner'), path.join(folder, 'gateway')];
  for (const each of [folder, ofPlanner, ofGateway]) await mkdir(each, { recursive: true });
  const model = await startScriptedModel(BEHIND);
  cleanup.add(model.close);
  const planner = await startObservedPlanner(ofPlanner);
  cleanup.add(planner.stop);
  const gateway = await startObservedGateway({ cwd: ofGateway, env: { MCP_SERVER_URL: planner.url, OPENAI_API_BASE_URL: model.url } });
  cleanup.add(gateway.stop);
  await allListed(gateway.url);
  return { gateway, model, planner };
}
