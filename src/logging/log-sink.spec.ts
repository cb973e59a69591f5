import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LogOutput, outputTo } from './log-output.js';
import { LogSink } from './log-sink.js';

/** The clock is a mock. */
describe('[AC6] lines of the log', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const output = () => {
    const pieces: string[] = [];
    const written: ((rest?: Buffer) => void)[] = [];
    const to: LogOutput = {
      write: (bytes, done) => void (pieces.push(bytes.toString()), written.push(done)),
      writeNow: (bytes) => pieces.push(`now ${bytes.toString()}`),
    };
    return { to, pieces, written };
  };

  it('are written 50 ms after the first of them, and nothing is while there are none', () => {
    const { to, pieces, written } = output();
    const sink = new LogSink(to);
    jest.advanceTimersByTime(1_000);
    sink.write('a\n');
    jest.advanceTimersByTime(49);
    sink.write('b\n');
    expect(pieces).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(pieces).toEqual(['a\nb\n']);
    written[0]?.();
    sink.write('c\n');
    sink.writeNow();
    expect(pieces).toEqual(['a\nb\n', 'now c\n']);
  });

  it('wait for those before them, and are written at once where there are many', () => {
    const { to, pieces, written } = output();
    const sink = new LogSink(to);
    const long = `${'x'.repeat(33_000)}\n`;
    sink.write(long);
    sink.write('b\n');
    jest.advanceTimersByTime(1_000);
    expect(pieces).toEqual([long]);
    written[0]?.();
    expect(pieces).toEqual([long, 'b\n']);
  });

  it('that came while others were written are gathered, too', () => {
    const { to, pieces, written } = output();
    const sink = new LogSink(to);
    sink.write('a\n');
    jest.advanceTimersByTime(50);
    sink.write('b\n');
    jest.advanceTimersByTime(30);
    written[0]?.();
    sink.write('c\n');
    expect(pieces).toEqual(['a\n']);
    jest.advanceTimersByTime(20);
    expect(pieces).toEqual(['a\n', 'b\nc\n']);
  });

  it('that came while others were written are waited for by whoever waits for all', async () => {
    const { to, pieces, written } = output();
    const sink = new LogSink(to);
    sink.write('a\n');
    jest.advanceTimersByTime(50);
    sink.write('b\n');
    const all = sink.written(1_000);
    written[0]?.();
    expect(pieces).toEqual(['a\n', 'b\n']);
    written[1]?.();
    await all;
  });

  it('that failed are tried again from where they failed, in their place', () => {
    const { to, pieces, written } = output();
    const sink = new LogSink(to);
    sink.write('first\n');
    jest.advanceTimersByTime(50);
    written[0]?.(Buffer.from('rst\n'));
    sink.write('second\n');
    jest.advanceTimersByTime(1_000);
    written[1]?.();
    expect(pieces).toEqual(['first\n', 'rst\n', 'second\n']);
  });

  it('beyond a bound are lost, and how many is told after those that waited, once', () => {
    jest.setSystemTime(new Date('2026-01-02T03:04:05.006Z'));
    const { to, pieces, written } = output();
    const sink = new LogSink(to, 5);
    sink.write('a\n');
    jest.advanceTimersByTime(50);
    for (const line of ['b\n', 'c\n', 'd\n', 'e\n']) sink.write(line);
    written[0]?.();
    written[1]?.();
    const told = '{"level":"warn","time":"2026-01-02T03:04:05.056Z","msg":"lines of the log were lost","lines":2}\n';
    expect(pieces).toEqual(['a\n', `b\nc\n${told}`]);
  });
});

describe('[AC6] an output of the log', () => {
  it('to a file on a full disk gives back what it could not write', async () => {
    const fd = openSync('/dev/full', 'w');
    const rest = await new Promise((resolve) => outputTo(fd).write(Buffer.from('line\n'), resolve));
    closeSync(fd);
    expect(rest).toEqual(Buffer.from('line\n'));
  });

  it('to a file writes', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-log-'));
    const file = path.join(folder, 'log');
    const fd = openSync(file, 'a');
    const to = outputTo(fd);
    await new Promise<unknown>((resolve) => to.write(Buffer.from('line\n'), resolve));
    to.writeNow(Buffer.from('last\n'));
    expect(readFileSync(file, 'utf8')).toBe('line\nlast\n');
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
});
