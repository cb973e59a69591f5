/** `npm run test:open-webui`: every scenario against the real Open WebUI; those whose titles hold the argument, if there is one. The last line is `N passed, N failed`. */
import { Cleanup } from './cleanup.ts';
import type { Scenario } from './scenario.ts';
import { nativeCalls, nativeElicitation, nativeImage, nativeKilled } from './scenarios/native-mcp.ts';
import { adminsByGroup, adminsByRole, groupsByHeader } from './scenarios/admin-only.ts';
import { browser } from './scenarios/browser.ts';
import { chatContract, chatPrompt, chatStopped, chatTitles, chatWithAssistant, chatWithModel } from './scenarios/chat.ts';
import { createTask } from './scenarios/create-task.ts';
import { foreignPage } from './scenarios/foreign-page.ts';
import { gatewayStatus } from './scenarios/gateway-status.ts';
import { grantInBrowser, grantsOfTwoUsers } from './scenarios/grants.ts';
import { image } from './scenarios/image.ts';
import { killedBetweenMessages, killedDuringCall } from './scenarios/killed-server.ts';
import { listTasks } from './scenarios/list-tasks.ts';
import { progress, progressInBrowser } from './scenarios/progress.ts';
import { reader } from './scenarios/reader.ts';
import { swaggerUi, swaggerUiWithKey } from './scenarios/swagger-ui.ts';
import { toolError } from './scenarios/tool-error.ts';
import { upstreamDown } from './scenarios/upstream-down.ts';
import { vanishedTool } from './scenarios/vanished-tool.ts';
import { twoUsers, withKey, withSession, withWrongKey } from './scenarios/who-calls.ts';
import { wsClient } from './scenarios/ws-client.ts';
import { type Stage, startStage } from './stage.ts';

const RUN_TIMEOUT_MS = 15 * 60_000;
const SCENARIOS: readonly Scenario[] = [
  createTask,
  listTasks,
  toolError,
  image,
  vanishedTool,
  upstreamDown,
  gatewayStatus,
  killedBetweenMessages,
  killedDuringCall,
  withKey,
  withWrongKey,
  withSession,
  twoUsers,
  adminsByRole,
  adminsByGroup,
  groupsByHeader,
  grantInBrowser,
  grantsOfTwoUsers,
  browser,
  progress,
  progressInBrowser,
  swaggerUi,
  swaggerUiWithKey,
  foreignPage,
  reader,
  wsClient,
  nativeCalls,
  nativeImage,
  nativeKilled,
  nativeElicitation,
  chatWithAssistant,
  chatWithModel,
  chatPrompt,
  chatContract,
  chatStopped,
  chatTitles,
];

const cleanup = new Cleanup();
let passed = 0;
let failed = 0;
let ending: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(`Ended by ${signal}.`));
setTimeout(() => void end(`Not done after ${RUN_TIMEOUT_MS / 60_000} minutes.`), RUN_TIMEOUT_MS).unref();

try {
  const stage = await startStage(cleanup);
  const wanted = process.argv[2] ?? '';
  for (const scenario of SCENARIOS.filter(({ title }) => title.includes(wanted))) await play(scenario, stage);
  await end();
} catch (error) {
  await end(error);
}

async function play(scenario: Scenario, stage: Stage): Promise<void> {
  const start = performance.now();
  try {
    await scenario.run(stage);
    passed++;
    console.log(`ok      ${seconds(start)} ${scenario.title}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${seconds(start)} ${scenario.title}`);
    console.log(error);
    console.log(
      `The gateway's log:\n${stage.gateway.logTail()}\nOf the one with a config file:\n${stage.configured.gateway.logTail()}\nOf the guarded one:\n${stage.guarded.gateway.logTail()}\nOf the one that chats:\n${stage.chat.gateway.logTail()}\nOpen WebUI's log:\n${stage.openWebUi.logTail()}\n`,
    );
  }
}

/** Ends everything that was started, prints the tally and exits, once; a reason counts as a failure, and so does what does not end well. */
function end(reason?: unknown): Promise<void> {
  ending ??= endNow(reason === undefined ? [] : [reason]);
  return ending;
}

async function endNow(reasons: readonly unknown[]): Promise<void> {
  const failures = [...reasons, ...(await cleanup.run())];
  for (const failure of failures) console.log(failure);
  failed += failures.length;
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
