import { CallAbort } from '@app/mcp-transport';
import { ToolCallService } from '../src/call/tool-call.service.js';
import { TOOL_STEPS, type ToolStep } from '../src/call/tool-step.js';
import { ANONYMOUS } from '../src/correlation/principal.js';
import { newContext } from '../src/correlation/request-context.js';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { CallLimits } from '../src/throttler/call-limits.service.js';
import { CallSlots } from '../src/throttler/call-slots.js';
import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { type AllFaces, FACES, startAllFaces } from './support/faces/faces.js';
import { httpUpstream } from './support/gateway.js';
import { RawMcpServer } from './support/raw-mcp-server.js';

const NAMES = [
  'AdmissionStep',
  'ListStep',
  'ResolveStep',
  'PermitStep',
  'ToolLimitStep',
  'ArgumentsStep',
  'ValidateStep',
  'CredentialsStep',
  'NoteResultStep',
  'SendStep',
];

const STRICT = { name: 'strict', inputSchema: { type: 'object', required: ['title'] } };
const GOOD = { title: 'x' };

const closing = closesAfterEach();
let served: AllFaces;
let server: RawMcpServer;

async function serve(environment: Readonly<Record<string, string>> = {}, more: Partial<HttpUpstreamSettings> = {}): Promise<void> {
  const roles = new Map([['anonymous', { servers: { allow: undefined, deny: [] }, tools: { allow: undefined, deny: ['denied*'] } }]]);
  server = closing(await RawMcpServer.start({ tools: [STRICT, { ...STRICT, name: 'denied' }] }));
  served = closing(await startAllFaces(environment, [httpUpstream(server.url, more)], { roles }));
}

const stepOf = (name: string) => {
  const steps = served.app.get<readonly ToolStep[]>(TOOL_STEPS, { strict: false });
  return steps.find((step) => step.constructor.name === name) as ToolStep;
};
/** The names of the steps that run, in their order. */
const watch = () => {
  const ran: string[] = [];
  for (const name of NAMES) {
    const step = stepOf(name);
    const run = step.run.bind(step);
    jest.spyOn(step, 'run').mockImplementation((...given) => {
      ran.push(name);
      return run(...given);
    });
  }
  return ran;
};

describe.each(FACES)('the steps of a call over %s', (face) => {
  const call = async (tool: string, args = {}) => (await served.as(face).call(tool, args)).type;

  it('[C3] run in the order of the list, each once', async () => {
    await serve();
    const ran = watch();
    expect(await call('strict', GOOD)).toBe('result');
    expect(ran).toEqual(NAMES);
  });

  it('[S1][E5] are left by a call at the first that refuses it', async () => {
    await serve({ RATE_LIMIT_CLIENT: '5', MAX_CONNECTIONS: '1' }, { toolLimits: [{ pattern: '*', limit: 1 }] });
    const ran = watch();
    const through = async (tool: string, args = {}) => {
      ran.length = 0;
      return [await call(tool, args), ran.at(-1)];
    };
    expect(await through('nothing')).toEqual(['tool_not_found', 'ResolveStep']);
    // Its arguments do not fit either, and its limit is not touched.
    for (let times = 0; times < 2; times += 1) expect(await through('denied')).toEqual(['permission_error', 'PermitStep']);
    expect(await through('strict')).toEqual(['validation_error', 'ValidateStep']);
    expect(await through('strict')).toEqual(['rate_limit_error', 'ToolLimitStep']);
    // All that is left of the caller's limit is spent: nothing is asked of the call but that. HTTP does so before there is a call.
    expect(await through('denied')).toEqual(['rate_limit_error', face === 'http' ? undefined : 'AdmissionStep']);
    expect(server.received('tools/call')).toEqual([]);
  });
});

describe('a bug in a step', () => {
  const bug = new Error('a bug');
  const throws = () => {
    throw bug;
  };
  const rejects = () => Promise.reject(bug);
  const request = () => ({
    name: 'strict',
    args: { text: JSON.stringify(GOOD), value: GOOD },
    caller: { principal: ANONYMOUS, address: '127.0.0.1', headers: {} },
    context: newContext('with-a-bug', '127.0.0.1'),
    signal: new CallAbort(),
  });
  const failures = async () => {
    const { text } = await get(served.url, '/metrics');
    const samples = text.matchAll(/^mcpo_tool_calls_total\{(.*),outcome="internal_error"\} (\d+)$/gm);
    return new Map([...samples].map(([, labels, value]) => [labels as string, Number(value)]));
  };
  const hasRoom = () => {
    expect(served.app.get(CallSlots, { strict: false }).inFlight).toBe(0);
    return served.as('lines').call('strict', GOOD, { id: 'after it' });
  };

  const WAYS: [string, () => never | Promise<never>][] = [
    ['throws', throws],
    ['rejects', rejects],
  ];
  const CASES = NAMES.flatMap((name, index) =>
    WAYS.map(([how, fail]) => ({ name, how, fail, isFound: index > NAMES.indexOf('ResolveStep') })),
  );

  it.each(CASES)(
    'that $how: $name. The call rejects, its place is given back, and it is counted and logged',
    async ({ name, fail, isFound }) => {
      await serve({ MAX_CONNECTIONS: '1' });
      const before = await failures();
      jest.spyOn(stepOf(name), 'run').mockImplementationOnce(fail);
      await expect(served.app.get(ToolCallService, { strict: false }).call(request())).rejects.toBe(bug);
      const [labels, fields] = isFound
        ? ['server="default",tool="strict"', { tool: 'strict', upstream: 'default' }]
        : ['server="",tool=""', {}];
      expect(((await failures()).get(labels) ?? 0) - (before.get(labels) ?? 0)).toBe(1);
      expect(await served.recordOf('with-a-bug')).toEqual({
        level: 'info',
        msg: 'call',
        correlation_id: 'with-a-bug',
        client: '127.0.0.1',
        principal: 'anonymous',
        error: 'internal_error',
        is_delivered: false,
        duration_ms: expect.any(Number),
        translation_ms: expect.any(Number),
        ...fields,
      });
      expect(await hasRoom()).toMatchObject({ type: 'result' });
    },
  );

  it.each(WAYS)('that %s, of a call whose face has its place: the face ends it', async (_, fail) => {
    await serve({ MAX_CONNECTIONS: '1' });
    jest.spyOn(stepOf('SendStep'), 'run').mockImplementationOnce(fail);
    expect(await served.as('http').call('strict', GOOD, { id: 'over-http' })).toEqual({
      type: 'internal_error',
      message: 'The gateway failed. The log has more under this correlation id.',
      limits: { scope: 'client', limit: 1_000_000_000, remaining: expect.any(Number) },
    });
    expect(await served.recordOf('over-http')).toMatchObject({ msg: 'request', status: 500, error: 'internal_error' });
    expect(await hasRoom()).toMatchObject({ type: 'result' });
  });

  it.each(WAYS)('or in the limits, which %s: no place is kept for it', async (_, fail) => {
    await serve({ MAX_CONNECTIONS: '1' });
    for (const face of FACES) {
      jest.spyOn(served.app.get(CallLimits, { strict: false }), 'spend').mockImplementationOnce(fail);
      await served.as(face).call('strict', GOOD, { id: face });
      expect(await served.recordOf(face)).toMatchObject({ error: 'internal_error' });
    }
    expect(await hasRoom()).toMatchObject({ type: 'result' });
  });
});
