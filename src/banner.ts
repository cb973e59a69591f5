import type { Settings } from './config/settings.js';

/** What a person needs after the start, on stderr: stdout is the log's. */
export function banner(url: string, { serverSource, host, pathPrefix }: Settings): string {
  const reachable = url.replace('0.0.0.0', '127.0.0.1').replace('[::]', '127.0.0.1') + pathPrefix;
  const isPlanner = serverSource === 'embedded planner';
  const call = isPlanner
    ? `curl -s ${reachable}/v1/tools/create_task -H 'Content-Type: application/json' -d '{"title":"Review quarterly reports","due_date":"2025-10-15"}'`
    : `curl -s '${reachable}/v1/tools?format=mcp'`;
  const loopback = host === '127.0.0.1' ? ' (in Docker: set HOST=0.0.0.0 and API_KEYS, and use http://host.docker.internal:PORT)' : '';
  return [
    '',
    `  OpenAPI document  ${reachable}/openapi.json`,
    `  Swagger UI        ${reachable}/docs`,
    `  In Open WebUI     Admin Panel > Settings > External Tools > +: type OpenAPI, URL ${reachable}${loopback}`,
    `  Try it            ${call}`,
    '',
    '',
  ].join('\n');
}
