import { closestNames } from './closest-names.js';

const TOOLS = ['create_task', 'update_task', 'list_tasks', 'delete_task', 'plan_report'];

describe('closestNames', () => {
  it.each([
    ['create_tsak', ['create_task']],
    ['CREATE_TASK', ['create_task', 'update_task']],
    ['report', ['plan_report']],
    ['due', []],
    ['weather', []],
    ['', []],
    ['x'.repeat(100_000), []],
  ])('[E5] %.20s is close to %j', (name, close) => {
    expect(closestNames(name, TOOLS)).toEqual(close);
  });

  it('[E5] finds the word that was cut short, closest first, and no more than asked for', () => {
    expect(closestNames('due', ['title', 'due_date', 'priority'])).toEqual(['due_date']);
    expect(closestNames('task', ['task_a', 'tasks', 'list_tasks', 'tax'], 2)).toEqual(['tasks', 'task_a']);
  });
});
