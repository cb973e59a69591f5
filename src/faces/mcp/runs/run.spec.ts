import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import { BOUNDS } from '../bounds.js';
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
    const run = new Run('user', WHAT, BOUNDS);
    const answers = ['name', 'name', undefined].map((key) => run.ask(question(key), never));
    expect(await run.next()).toEqual({ asks: { name: PUT, input_2: PUT, input_3: PUT } });
    run.take({ input_3: accepted('c'), name: accepted('a'), input_2: accepted('b'), other: accepted('d') });
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c'].map((name) => ({ result: accepted(name) })));
  });

  it('answers a question by what came with the request, once, if it is an answer at all', async () => {
    const run = new Run('user', WHAT, BOUNDS, { name: accepted('a'), number: 12345, nothing: null });
    expect(await run.ask(question('name'), never)).toEqual({ result: accepted('a') });
    for (const key of ['name', 'number', 'nothing', 'other', undefined]) void run.ask(question(key), never);
    expect(await run.next()).toEqual({ asks: { name: PUT, number: PUT, nothing: PUT, other: PUT, input_5: PUT } });
  });

  it.each([null, 'text', 5, undefined, ['name']])('takes %j for no answers', async (given) => {
    const run = new Run('user', WHAT, BOUNDS, given);
    let answer: QuestionAnswer | undefined;
    void run.ask(question('0'), never).then((value) => (answer = value));
    expect(await run.next()).toEqual({ asks: { '0': PUT } });
    expect(answer).toBeUndefined();
  });

  it('has a key of its own for each question, whatever its server calls them', async () => {
    const run = new Run('user', WHAT, BOUNDS);
    const keys = ['input_3', 'x'.repeat(201), undefined, '__proto__'];
    const answers = keys.map((key) => run.ask(question(key), never));
    const put = await run.next();
    expect(put).toEqual({ asks: { input_2: PUT, input_3: PUT, input_4: PUT, input_5: PUT } });
    run.take({ input_2: accepted('b'), input_3: accepted('a'), input_4: accepted('c'), input_5: accepted('d') });
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd'].map((name) => ({ result: accepted(name) })));
  });

  it('[P5] has so many questions at once, and so many characters of them; others stay unanswered', async () => {
    const cancelled = { result: { action: 'cancel' } };
    const many = new Run('user', WHAT, { ...BOUNDS, maxQuestions: 2 });
    void many.ask(question('a'), never);
    void many.ask(question('b'), never);
    expect(await many.ask(question('c'), never)).toEqual(cancelled);
    expect(await many.next()).toEqual({ asks: { a: PUT, b: PUT } });
    many.take({ a: accepted('a') });
    void many.ask(question('d'), never);
    expect(await many.next()).toEqual({ asks: { b: PUT, d: PUT } });
    const long = new Run('user', WHAT, { ...BOUNDS, maxQuestionCharacters: 2 * JSON.stringify(PUT.params).length });
    for (const key of ['a', 'b']) void long.ask(question(key), never);
    expect(await long.ask(question('c'), never)).toEqual(cancelled);
    long.take({ b: accepted('b') });
    void long.ask(question('d'), never);
    expect(await long.next()).toEqual({ asks: { a: PUT, d: PUT } });
  });

  it('[P5] keeps what its client has said beforehand no longer than until it waits', async () => {
    const run = new Run('user', WHAT, BOUNDS, { name: accepted('a'), later: accepted('b') });
    expect(await run.ask(question('name'), never)).toEqual({ result: accepted('a') });
    run.suspend();
    void run.ask(question('later'), never);
    expect(await run.next()).toEqual({ asks: { later: PUT } });
  });
});
