import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import { Run } from './run.js';

const question = (key?: string): ServerQuestion => ({
  method: 'elicitation/create',
  params: { message: 'Who?' },
  ...(key !== undefined && { key }),
});
const PUT = { method: 'elicitation/create', params: { message: 'Who?' } };
const never = new AbortController().signal;
const accepted = (name: string) => ({ action: 'accept', content: { name } });

const WHAT = { server: undefined, method: 'tools/call', about: 'work' };

describe('[AC4] Run', () => {
  it('puts a question under the key of its server, and under one of its own where it has none or that is taken', async () => {
    const run = new Run('user', WHAT);
    const answers = ['name', 'name', undefined].map((key) => run.ask(question(key), never));
    expect(await run.next()).toEqual({ asks: { name: PUT, input_2: PUT, input_3: PUT } });
    run.take({ input_3: accepted('c'), name: accepted('a'), input_2: accepted('b'), other: accepted('d') });
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c'].map((name) => ({ result: accepted(name) })));
  });

  it('answers a question by what came with the request, once, if it is an answer at all', async () => {
    const run = new Run('user', WHAT, { name: accepted('a'), number: 12345, nothing: null });
    expect(await run.ask(question('name'), never)).toEqual({ result: accepted('a') });
    for (const key of ['name', 'number', 'nothing', 'other', undefined]) void run.ask(question(key), never);
    expect(await run.next()).toEqual({ asks: { name: PUT, number: PUT, nothing: PUT, other: PUT, input_5: PUT } });
  });

  it.each([null, 'text', 5, undefined, ['name']])('takes %j for no answers', async (given) => {
    const run = new Run('user', WHAT, given);
    let answer: QuestionAnswer | undefined;
    void run.ask(question('0'), never).then((value) => (answer = value));
    expect(await run.next()).toEqual({ asks: { '0': PUT } });
    expect(answer).toBeUndefined();
  });
});
