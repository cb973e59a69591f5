import { healthReport, type PartStatus, statusOf, statusOfAll } from './health-report.js';

const parts = (...statuses: PartStatus[]) => statuses.map((status) => ({ status }));

describe('the status of health', () => {
  it.each<[PartStatus[], string]>([
    [[], 'not_configured'],
    [['up'], 'ok'],
    [['up', 'not_configured'], 'ok'],
    [['up', 'degraded'], 'degraded'],
    [['up', 'down'], 'degraded'],
    [['up', 'unknown'], 'degraded'],
    [['unknown'], 'degraded'],
    [['unknown', 'down'], 'degraded'],
    [['down', 'down'], 'down'],
  ])('[EP4] of parts that are %j is %s', (statuses, status) => {
    expect(statusOfAll(parts(...statuses))).toBe(status);
  });

  it('[EP4] of one part is its own', () => {
    const all: PartStatus[] = ['up', 'degraded', 'down', 'unknown', 'not_configured'];
    expect(parts(...all).map(statusOf)).toEqual(['ok', 'degraded', 'down', 'unknown', 'not_configured']);
  });

  it('[EP4] comes with the parts that are well, those that are not, and all', () => {
    const details = { a: { status: 'up' }, b: { status: 'unknown' }, ['__proto__']: { status: 'not_configured' } } as const;
    const { info, error } = healthReport('degraded', details);
    expect([Object.keys(info), Object.keys(error)]).toEqual([['a', '__proto__'], ['b']]);
  });
});
