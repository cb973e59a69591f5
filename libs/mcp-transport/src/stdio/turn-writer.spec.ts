import { setImmediate as nextTurn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import type { PendingCall } from '../call/pending-call.js';
import { TurnWriter } from './turn-writer.js';

const EPIPE = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

describe('[AC5] TurnWriter', () => {
  /** A pipe that takes a write when it is told to, or at once; it breaks in the same way. */
  const start = ({ isSlow = false, isBroken = false, maxWaitingBytes = 1_000 } = {}) => {
    const writes: string[] = [];
    let done: (error?: Error) => void = () => undefined;
    const pipe = new Writable({
      decodeStrings: false,
      write(text: string, _, callback) {
        if (isBroken) return callback(EPIPE);
        writes.push(text);
        if (isSlow) done = callback;
        else callback();
      },
    });
    pipe.on('error', () => undefined);
    const unsent: string[] = [];
    const writer = new TurnWriter(pipe, ({ id }) => unsent.push(id), maxWaitingBytes);
    const call = (id: string) => ({ id, isSent: false }) as PendingCall;
    return { writer, writes, unsent, call, pipe, end: (error?: Error) => done(error) };
  };

  it('writes what one turn says at once, in order', async () => {
    const { writer, writes, call } = start();
    const [a, b] = [call('a'), call('b')];
    writer.write('first', a);
    writer.write('cancel');
    await Promise.resolve();
    writer.write('grün', b);
    expect([writes, a.isSent, b.isSent]).toEqual([[], false, false]);
    await nextTurn();
    expect([writes, a.isSent, b.isSent]).toEqual([['first\ncancel\ngrün\n'], true, true]);
    writer.write('second');
    await nextTurn();
    expect(writes).toEqual(['first\ncancel\ngrün\n', 'second\n']);
  });

  it('gathers what is said while a write is under way', async () => {
    const { writer, writes, end } = start({ isSlow: true });
    for (const line of ['a', 'b', 'c']) {
      writer.write(line);
      await nextTurn();
    }
    expect(writes).toEqual(['a\n']);
    end();
    await nextTurn();
    await nextTurn();
    expect(writes).toEqual(['a\n', 'b\nc\n']);
  });

  it('takes no more calls while too many bytes wait, those that are being written included', async () => {
    const { writer, end } = start({ isSlow: true, maxWaitingBytes: 10 });
    writer.write('ü234');
    await nextTurn();
    expect(writer.refusal()).toBeUndefined();
    writer.write('567');
    expect(writer.refusal()).toEqual({ kind: 'busy', message: '10 bytes wait to be read' });
    end();
    await nextTurn();
    expect(writer.refusal()).toBeUndefined();
  });

  it('takes back what is not written yet, and nothing else', async () => {
    const { writer, writes, call, end } = start({ isSlow: true, maxWaitingBytes: 6 });
    const [a, b, c] = [call('a'), call('b'), call('c')];
    writer.write('a', a);
    await nextTurn();
    writer.write('b', b);
    writer.write('c', c);
    expect([writer.takeBack(a), writer.takeBack(b), writer.takeBack(b)]).toEqual([false, true, false]);
    expect(writer.refusal()).toBeUndefined();
    end();
    await nextTurn();
    await nextTurn();
    expect([writes, b.isSent, c.isSent]).toEqual([['a\n', 'c\n'], false, true]);
  });

  it('tells all calls of a write as unsent that the pipe takes nothing of', async () => {
    const { writer, unsent, call } = start({ isBroken: true });
    writer.write('a', call('a'));
    writer.write('b', call('b'));
    await nextTurn();
    expect(unsent).toEqual(expect.arrayContaining(['a', 'b']));
    writer.write('c', call('c'));
    await nextTurn();
    expect(unsent).toContain('c');
    expect(writer.refusal()).toBeUndefined();
  });

  it('tells only the last call of a write as unsent that broke in the middle, and those after it', async () => {
    const { writer, writes, unsent, call, end } = start({ isSlow: true });
    writer.write('a', call('a'));
    writer.write('b', call('b'));
    await nextTurn();
    writer.write('c', call('c'));
    writer.write('d');
    end(EPIPE);
    await nextTurn();
    expect([writes, unsent]).toEqual([['a\nb\n'], ['b', 'c']]);
  });

  it('writes what waits when it is closed', () => {
    const { writer, writes, unsent, call } = start();
    writer.write('a', call('a'));
    writer.close();
    expect([writes, unsent]).toEqual([['a\n'], []]);
  });

  it('tells as unsent what the pipe does not take when it is closed', async () => {
    const { writer, writes, unsent, call } = start({ isSlow: true });
    writer.write('a', call('a'));
    await nextTurn();
    writer.write('b', call('b'));
    writer.close();
    expect([writes, unsent]).toEqual([['a\n'], ['b']]);
  });

  it('tells calls as unsent without delay when the pipe is gone before they are written', () => {
    const { writer, unsent, call, pipe } = start();
    writer.write('a', call('a'));
    pipe.destroy();
    writer.close();
    expect(unsent).toEqual(['a']);
  });
});
