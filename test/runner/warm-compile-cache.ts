import { startGateway } from '../support/processes.ts';
import { callTool, untilPublished } from '../support/tool-requests.ts';

/**
 * One gateway with the planner serves a call and ends. Node keeps what V8 has compiled of the bundle when the first process ends that has loaded
 * it: after one that only tells its usage, each of the hundreds that are started afterwards would compile what is missing, for 30 ms of CPU.
 */
export async function warmCompileCache(): Promise<void> {
  const gateway = await startGateway();
  await untilPublished(gateway, 'list_plans');
  await callTool(gateway, 'list_plans');
  await gateway.stop();
}
