import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { startGatewayHere } from './support/gateway.js';

const closing = closesAfterEach();

describe('[EP6][MON] /metrics', () => {
  it('follows the names that Prometheus wants: `_total` ends those of counters, and of nothing else', async () => {
    const { url } = closing(await startGatewayHere());
    const { text } = await get(url, '/metrics');
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter(({ name, type }) => (type === 'counter') !== name.endsWith('_total'))).toEqual([]);
  });
});
