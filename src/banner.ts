import { publicBase } from './config/network/public-base.js';
import { hasCredentials, type Settings } from './config/settings.js';

const TASK = `{"title":"Review quarterly reports","due_date":"2025-10-15"}`;

/** What a person needs after the start, on stderr: stdout is the log's. */
export function banner(url: string, settings: Settings): string {
  const reachable = url.replace('0.0.0.0', '127.0.0.1').replace('[::]', '127.0.0.1') + settings.pathPrefix;
  return [
    '',
    `  OpenAPI document  ${reachable}/openapi.json`,
    `  Swagger UI        ${reachable}/docs`,
    `  In Open WebUI     Admin Panel > Settings > External Tools > +: type OpenAPI, URL ${addressFor(reachable, settings)}`,
    ...tryIt(reachable, settings),
    '',
    '',
  ].join('\n');
}

function addressFor(reachable: string, settings: Settings): string {
  if (settings.publicUrl !== undefined) return publicBase(settings);
  const isLoopback = settings.host === '127.0.0.1';
  return `${reachable}${isLoopback ? ' (in Docker: set HOST=0.0.0.0 and API_KEYS, and use http://host.docker.internal:PORT)' : ''}`;
}

/** A line that works in a shell as it is, but for the key, which is kept nowhere. */
function tryIt(reachable: string, settings: Settings): string[] {
  const isPlanner = settings.serverSource === 'embedded planner';
  const needsKey = hasCredentials(settings) && (isPlanner || settings.strictAuth);
  const what = isPlanner
    ? `${reachable}/v1/tools/create_task -H 'Content-Type: application/json' -d '${TASK}'`
    : `'${reachable}/v1/tools?format=mcp'`;
  const options = [...(needsKey ? ['-H "Authorization: Bearer $KEY"'] : []), ...hostOption(reachable, settings)];
  // Certificates are rarely made for the address of this machine.
  const curl = [reachable.startsWith('https:') ? 'curl -sk' : 'curl -s', ...options].join(' ');
  return [
    `  Try it            ${curl} ${what}`,
    ...(needsKey ? ['                    KEY: one of the keys or tokens that the gateway takes'] : []),
  ];
}

/** The gateway may answer under other names only. */
function hostOption(reachable: string, { allowedHosts }: Settings): string[] {
  const [first] = allowedHosts ?? [];
  return first === undefined || allowedHosts?.includes(new URL(reachable).hostname) ? [] : [`-H 'Host: ${first}'`];
}
