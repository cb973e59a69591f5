import { StderrLines } from './stderr-lines.js';

describe('[AC5] StderrLines', () => {
  let nowMs: number;
  let lines: string[];
  let stderr: StderrLines;

  beforeEach(() => {
    nowMs = 5_000;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    lines = [];
    stderr = new StderrLines((line) => lines.push(line));
  });
  afterEach(() => jest.restoreAllMocks());

  const feed = (text: string) => stderr.feed(Buffer.from(text));

  it('passes over what is beyond 512 KiB a second, and reads on in the next', () => {
    feed(`${'x'.repeat(99)}\n`.repeat(5_000));
    expect(lines).toHaveLength(5_000);
    feed(`${'y'.repeat(99)}\n`.repeat(1_000));
    feed('z\n');
    expect(lines).toHaveLength(5_000);
    nowMs = 6_000;
    feed('next\n');
    expect(lines.slice(5_000)).toEqual(['next']);
  });

  it('joins no line across what was passed over', () => {
    feed('before');
    feed('y'.repeat(600_000));
    nowMs = 6_000;
    feed('after\n');
    expect(lines).toEqual(['before', 'after']);
  });

  it('drops a line of more than 8 KiB', () => {
    feed(`${'x'.repeat(9_000)}\nshort\n`);
    expect(lines).toEqual(['short']);
  });
});
