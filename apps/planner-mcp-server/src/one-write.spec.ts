import { setImmediate as nextTurn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { asOneWrite } from './one-write.js';

describe('asOneWrite', () => {
  it('gathers what one turn writes, and only that', async () => {
    const writes: string[] = [];
    const output = new Writable({
      decodeStrings: false,
      write: (chunk: string, _, callback) => (writes.push(chunk), callback()),
      writev: (chunks, callback) => (writes.push(chunks.map(({ chunk }) => chunk as string).join('')), callback()),
    });
    asOneWrite(output);
    output.write('a');
    await Promise.resolve();
    output.write('b');
    expect(writes).toEqual([]);
    await nextTurn();
    output.write('c');
    output.write('d');
    expect(writes).toEqual(['ab', 'c', 'd']);
  });
});
