/** The one tool of the benches: ten typed properties, so that validating its arguments costs what a real tool's do. */
export const ECHO_TOOL = {
  name: 'echo',
  description: 'Answers one text item holding about 1 KB of JSON',
  inputSchema: {
    type: 'object',
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 200 },
      description: { type: 'string', maxLength: 2000 },
      plan_id: { type: 'string', pattern: '^[a-z0-9]+$' },
      due_date: { type: 'string', format: 'date' },
      priority: { type: 'string', enum: ['low', 'normal', 'high', 'urgent'] },
      percent_complete: { type: 'integer', minimum: 0, maximum: 100 },
      effort_hours: { type: 'number', minimum: 0 },
      is_private: { type: 'boolean' },
      assignees: { type: 'array', items: { type: 'string' }, maxItems: 20 },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
    required: ['title'],
  },
} as const;

/** The arguments of every measured call, as the JSON text that goes over the wire. */
export const ECHO_ARGUMENTS = JSON.stringify({
  title: 'Write the quarterly report',
  description: 'Collect the numbers of all teams, compare them with the plan and write two pages about what changed.',
  plan_id: 'abc123',
  due_date: '2026-12-31',
  priority: 'high',
  percent_complete: 40,
  effort_hours: 7.5,
  is_private: false,
  assignees: ['ada@example.com', 'grace@example.com', 'edsger@example.com'],
  labels: { area: 'finance', quarter: 'Q4' },
});

const task = (id: number) => ({
  id: `task-${id}`,
  title: 'Write the quarterly report',
  plan_id: 'abc123',
  due_date: '2026-12-31',
  priority: 'high',
  percent_complete: 40,
});

/** The text item of every answer: about 1 KB of JSON. */
export const ECHO_TEXT = JSON.stringify({ count: 7, tasks: Array.from({ length: 7 }, (_, index) => task(index)) });
