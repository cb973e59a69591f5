import net, { type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { INestApplication } from '@nestjs/common';
import { CallAbort } from '@app/mcp-transport';
import { AuthService } from '../../../src/auth/auth.service.js';
import { ToolCallService } from '../../../src/call/tool-call.service.js';
import { newContext } from '../../../src/correlation/request-context.js';
import type { GatewayException } from '../../../src/errors/gateway.exception.js';
import type { LineCall } from './line-call.js';

/** A face that stands for all that are to come: a line of JSON each way on a plain socket of a port that the OS gives; it reads and writes, no more. */
export function serveLines(app: INestApplication): net.Server {
  const auth = app.get(AuthService, { strict: false });
  const calls = app.get(ToolCallService, { strict: false });
  const serve = (socket: Socket): void => {
    const running = new Map<string, CallAbort>();
    socket.on('close', () => running.forEach((call) => call.abort())).on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => void take(JSON.parse(line) as LineCall, socket, running));
  };
  const take = async (line: LineCall, socket: Socket, running: Map<string, CallAbort>): Promise<void> => {
    const { id, headers = {}, name, server, arguments: value = {}, whenFull, idempotencyKey } = line;
    if (line.cancel) return running.get(id)?.abort();
    const say = (what: object) =>
      new Promise<boolean>((done) => socket.write(`${JSON.stringify({ id, ...what })}\n`, (error) => done(!error)));
    const [context, signal] = [newContext(id, socket.remoteAddress ?? ''), new CallAbort()];
    running.set(id, signal);
    try {
      const principal = await auth.authenticate({ headers, rawHeaders: Object.entries(headers).flat(), socket, context });
      const caller = { principal, address: context.clientAddress, headers };
      const asked = { name, server, args: { text: JSON.stringify(value), value }, caller, context, signal, whenFull, idempotencyKey };
      const call = await calls.call({ ...asked, onProgress: (progress) => void say({ progress }) });
      call.delivered({ face: 'lines', isWhole: await say({ outcome: call.outcome, limits: call.limits }) });
    } catch (error) {
      await say({ refused: (error as GatewayException).fields });
    }
    running.delete(id);
  };
  return net.createServer(serve).listen(0, '127.0.0.1');
}
