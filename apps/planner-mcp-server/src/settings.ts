import { StartError } from './start-error.js';

/** How the planner was asked to run. */
export interface Settings {
  readonly face: 'stdio' | 'http';
  readonly host: string;
  /** 0 takes a port that the OS gives. */
  readonly port: number;
  /** Answers a POST with one JSON document instead of an event stream. */
  readonly isJsonResponse: boolean;
  /** Host names a request may be addressed to; undefined: any. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Undefined keeps everything in memory. */
  readonly dataFile: string | undefined;
  readonly executionsFile: string | undefined;
  /** Tool calls a minute over HTTP; undefined: no limit. */
  readonly rateLimit: number | undefined;
  readonly isTokenRequired: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const MAX_PORT = 65_535;
/** The limiter remembers one time per call of the last minute. */
const MAX_RATE_LIMIT = 100_000;

/** The command line and the PLANNER_* variables as settings; throws a StartError that names every bad one. */
export function parseSettings(args: readonly string[], env: Environment): Settings {
  const problems = args.filter((arg) => arg !== '--http').map((arg) => `${arg}: unknown argument, the only one is --http`);
  const read = new EnvironmentReader(env, problems);
  const face = args.includes('--http') ? 'http' : 'stdio';
  const host = read.text('PLANNER_HOST') ?? '127.0.0.1';
  const isTokenRequired = read.flag('PLANNER_REQUIRE_TOKEN');
  if (isTokenRequired && face === 'stdio') problems.push('PLANNER_REQUIRE_TOKEN: stdio has no headers to carry a token, start with --http');
  const settings: Settings = {
    face,
    host,
    port: read.integer('PLANNER_PORT', 0, MAX_PORT) ?? 8000,
    isJsonResponse: read.flag('PLANNER_JSON_RESPONSES'),
    allowedHosts: allowedHosts(host, read.text('PLANNER_ALLOWED_HOSTS')),
    dataFile: read.text('PLANNER_DATA_FILE'),
    executionsFile: read.text('PLANNER_EXECUTIONS_FILE'),
    rateLimit: read.integer('PLANNER_RATE_LIMIT', 1, MAX_RATE_LIMIT),
    isTokenRequired,
  };
  if (problems.length > 0) throw new StartError(problems);
  return settings;
}

/** Who listens on more than loopback is reached by names nobody can foresee: there the check is on only when a list is given. */
function allowedHosts(host: string, list: string | undefined): readonly string[] | undefined {
  if (list === undefined) return LOOPBACK_HOSTS.includes(host) ? LOOPBACK_HOSTS : undefined;
  const names = list.split(',').map((name) => name.trim().toLowerCase());
  return [...LOOPBACK_HOSTS, ...names.filter((name) => name !== '')];
}

/** Reads variables one by one and collects what is wrong with them; an empty one counts as unset. */
class EnvironmentReader {
  constructor(
    private readonly env: Environment,
    private readonly problems: string[],
  ) {}

  text(name: string): string | undefined {
    return this.env[name]?.trim() || undefined;
  }

  flag(name: string): boolean {
    const value = this.text(name) ?? 'false';
    if (value !== 'true' && value !== 'false') this.problems.push(`${name}: must be true or false`);
    return value === 'true';
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) this.problems.push(`${name}: must be an integer from ${min} to ${max}`);
    return number;
  }
}
