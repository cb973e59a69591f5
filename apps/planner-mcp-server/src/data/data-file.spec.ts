import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DataFile } from './data-file.js';
import { firstData, type PlannerData } from './planner-data.js';

describe('DataFile', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'planner-'));
    file = path.join(folder, 'planner.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const data: PlannerData = firstData(new Date('2025-10-01T12:00:00.000Z'));
  const other: PlannerData = { ...data, next_id: 7 };

  it('gives back what it kept, and leaves nothing else in the folder', async () => {
    await expect(new DataFile(file).open(data)).resolves.toEqual(data);
    await expect(new DataFile(file).open(other)).resolves.toEqual(data);
    const dataFile = new DataFile(file);
    await dataFile.save(() => other);
    await expect(new DataFile(file).open(data)).resolves.toEqual(other);
    await expect(readdir(folder)).resolves.toEqual(['planner.json']);
  });

  it('has each save on the disk when it resolves, while many share a write', async () => {
    const dataFile = new DataFile(file);
    let next_id = 0;
    let writes = 0;
    const kept = () => {
      writes++;
      return { ...data, next_id };
    };
    const saved = async (id: number) => {
      await dataFile.save(kept);
      expect(JSON.parse(await readFile(file, 'utf8')).next_id).toBeGreaterThanOrEqual(id);
    };
    const saves: Promise<void>[] = [];
    while (next_id < 50) {
      saves.push(saved(++next_id));
      await nextTurn();
    }
    await Promise.all(saves);
    expect(writes).toBeGreaterThan(1);
    expect(writes).toBeLessThan(40);
  });

  it('saves again after a write that failed', async () => {
    const dataFile = new DataFile(path.join(folder, 'later', 'planner.json'));
    await expect(dataFile.save(() => data)).rejects.toThrow('ENOENT');
    await mkdir(path.join(folder, 'later'));
    await dataFile.save(() => other);
    await expect(dataFile.open(data)).resolves.toEqual(other);
  });

  const task = {
    id: 'task_1',
    title: 'a',
    plan_id: 'abc123',
    bucket_id: 'bucket_9',
    priority: 'low',
    assignees: [],
    completed: false,
    created_at: '2025-10-01T12:00:00Z',
  };
  it.each([
    ['{"plans":[', /^PLANNER_DATA_FILE: .*planner\.json is not JSON: /],
    ['{}', /is not a planner's data: plans: required$/],
    [JSON.stringify({ ...data, tasks: [{ ...task, due_date: 'soon' }] }), /tasks\.0\.due_date: must be a date as YYYY-MM-DD$/],
    [JSON.stringify({ ...data, buckets: [] }), /plan abc123 has no bucket$/],
    [JSON.stringify({ ...data, tasks: [task] }), /task task_1 is in no bucket of its plan$/],
  ])('refuses %.40s and leaves it as it is', async (text, sentence) => {
    await writeFile(file, text);
    await expect(new DataFile(file).open(data)).rejects.toThrow(sentence);
    await expect(readFile(file, 'utf8')).resolves.toBe(text);
  });

  it('refuses what it cannot read, and where it cannot write', async () => {
    await expect(new DataFile(folder).open(data)).rejects.toThrow(/cannot be read: EISDIR/);
    await expect(new DataFile(path.join(folder, 'none', 'planner.json')).open(data)).rejects.toThrow(/cannot be written: ENOENT/);
  });
});
