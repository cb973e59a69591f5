import { firstProblem } from './schema-check.js';
import { TOOLS } from '../tools/index.js';

describe('firstProblem', () => {
  it.each([
    ['create_task', {}, { field: 'title', issue: 'required' }],
    ['create_task', { title: 7 }, { field: 'title', issue: 'must be a string' }],
    ['create_task', { title: ' ' }, { field: 'title', issue: 'must not be blank' }],
    ['create_task', { title: 'x'.repeat(201) }, { field: 'title', issue: 'must have at most 200 characters' }],
    ['create_task', { title: 'a', due_date: '2025-02-30' }, { field: 'due_date', issue: 'must be a date as YYYY-MM-DD' }],
    ['create_task', { title: 'a', due_date: '15.10.2025' }, { field: 'due_date', issue: 'must be a date as YYYY-MM-DD' }],
    ['create_task', { title: 'a', priority: 'hot' }, { field: 'priority', issue: 'must be one of low, medium, high, urgent' }],
    ['create_task', { title: 'a', assignees: 'Ada' }, { field: 'assignees', issue: 'must be an array' }],
    ['create_task', { title: 'a', assignees: ['Ada', 1] }, { field: 'assignees.1', issue: 'must be a string' }],
    ['create_task', { title: 'a', assignees: Array(21).fill('Ada') }, { field: 'assignees', issue: 'must have at most 20 items' }],
    ['create_task', { title: 'a', 'du/e': 1 }, { field: 'du/e', issue: 'not known here' }],
    ['create_task', [], { field: 'arguments', issue: 'must be an object' }],
    ['create_task', null, { field: 'arguments', issue: 'must be an object' }],
    ['create_plan', { title: 'a', buckets: [] }, { field: 'buckets', issue: 'must have at least 1 items' }],
    ['update_task', { task_id: 'task_1', due_date: 1 }, { field: 'due_date', issue: 'must be a string or null' }],
    ['import_tasks', { tasks: [{ title: 'a' }, {}] }, { field: 'tasks.1.title', issue: 'required' }],
    ['import_tasks', { tasks: [{ title: 'a', when: 1 }] }, { field: 'tasks.0.when', issue: 'not known here' }],
    ['import_tasks', { tasks: [{ title: 'a' }], delay_ms: -1 }, { field: 'delay_ms', issue: 'must be at least 0' }],
    ['import_tasks', { tasks: [{ title: 'a' }], delay_ms: 10_001 }, { field: 'delay_ms', issue: 'must be at most 10000' }],
    ['import_tasks', { tasks: [{ title: 'a' }], delay_ms: 0.5 }, { field: 'delay_ms', issue: 'must be an integer' }],
  ])('%s refuses %.60j', (name, args, problem) => {
    expect(firstProblem(TOOLS.get(name)?.definition.inputSchema ?? {}, args)).toEqual(problem);
  });

  it('lets in what fits', () => {
    const args = { title: 'Review', due_date: '2028-02-29', plan_id: 'abc123', priority: 'urgent', assignees: ['Ada'] };
    expect(firstProblem(TOOLS.get('create_task')?.definition.inputSchema ?? {}, args)).toBeUndefined();
  });
});
