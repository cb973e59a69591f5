import path from 'node:path';
import type { z } from 'zod';
import { fileText } from '../files/file-text.js';
import { type ReadFile, readFileNow } from '../files/read-file.js';
import type { InactiveServer, ServerList } from '../settings.js';
import { SettingsError } from '../settings-error.js';
import type { UpstreamSettings } from '../upstream-settings.js';
import type { EntryNotes } from './entry-notes.js';
import { entryToUpstream } from './entry-to-upstream.js';
import { foreignKey, hasForeign } from './foreign-keys.js';
import { LocatedJson } from './located-json.js';
import type { ServerDefaults, SourceDefaults } from './server-defaults.js';
import { SERVER_ENTRY, type ServerEntry, SERVERS_FILE } from './server-entry.js';
import { alikeProblems, nameProblem, routeProblem } from './server-names.js';
import { unknownKeys } from './unknown-keys.js';

/** The servers of a file, and what is odd about it: a line each, without any value. */
export interface ReadServers extends ServerList {
  readonly warnings: readonly string[];
}

/**
 * Reads a file `{"mcpServers": {NAME: {...}}}` with comments and trailing commas. Throws {@link SettingsError} with every problem as
 * `FILE:LINE:COLUMN: KEY: what is wrong`.
 */
export function readServers(file: string, defaults: SourceDefaults, readFile: ReadFile = readFileNow): ReadServers {
  const json = new LocatedJson(fileText(file, readFile), file);
  refuseIf(json.problems());
  return new ServersReader(json, { ...defaults, readFile, folder: path.dirname(path.resolve(file)) }).read();
}

class ServersReader {
  private readonly problems: { readonly place: string; readonly line: string }[] = [];
  private readonly warnings: string[] = [];
  private readonly upstreams: UpstreamSettings[] = [];
  private readonly inactiveServers: InactiveServer[] = [];

  constructor(
    private readonly json: LocatedJson,
    private readonly defaults: ServerDefaults,
  ) {}

  read(): ReadServers {
    const parsed = SERVERS_FILE.safeParse(this.json.value);
    this.judgeKeys();
    if (!parsed.success) this.refuseShape(parsed.error);
    const servers = Object.entries(entriesOf(this.json.value));
    this.judgeNames(servers.map(([name]) => name));
    for (const [name, entry] of servers) this.take(name, SERVER_ENTRY.safeParse(entry).data);
    if (servers.length === 0) this.warning(['mcpServers'], 'holds no server');
    refuseIf(this.problems.sort(byPlace).map(({ line }) => line));
    const { upstreams, inactiveServers, warnings } = this;
    return { upstreams, inactiveServers, warnings };
  }

  private refuseShape(error: z.ZodError): void {
    const isRenamed = hasForeign(this.json.value, 'mcpServers');
    for (const { path: at, code, message } of error.issues)
      if (!(isRenamed && code === 'invalid_type' && at.join() === 'mcpServers')) this.problem(at as (string | number)[], message);
  }

  private judgeKeys(): void {
    for (const { path: at, meant } of unknownKeys(SERVERS_FILE, this.json.value)) {
      const foreign = foreignKey(at);
      if (foreign?.isNeeded) this.problem(at, `another program's name for ${foreign.meant}; rename it`, 'key');
      else if (foreign) this.warning(at, `another program's name for ${foreign.meant}, ignored`, 'key');
      else if (meant !== undefined) this.problem(at, `unknown, did you mean ${meant}?`, 'key');
      else this.warning(at, 'unknown, ignored', 'key');
    }
  }

  private judgeNames(names: readonly string[]): void {
    for (const name of names) {
      const problem = nameProblem(name);
      if (problem) this.problem(['mcpServers', name], problem, 'key');
    }
    const together = [routeProblem(names), ...alikeProblems(names)].filter((problem) => problem !== undefined);
    for (const problem of together) this.problem(['mcpServers'], problem, 'key');
  }

  private take(name: string, entry: ServerEntry | undefined): void {
    if (!entry) return;
    const at = (inner: readonly (string | number)[]) => ['mcpServers', name, ...inner];
    const notes: EntryNotes = {
      problem: (inner, message) => this.problem(at(inner), message),
      warning: (inner, message) => this.warning(at(inner), message),
    };
    if (entry.disabled !== undefined && entry.disabled === entry.enabled)
      notes.problem(['enabled'], 'says another thing than disabled; keep one');
    if (entry.disabled || entry.enabled === false)
      return void this.inactiveServers.push({ name, state: 'disabled', reason: 'disabled in the config file' });
    const upstream = entryToUpstream(name, entry, this.defaults, notes);
    if (!upstream) return;
    this.upstreams.push(upstream);
  }

  private problem(at: readonly (string | number)[], message: string, of: 'key' | 'value' = 'value'): void {
    const place = this.json.place([...at], of);
    this.problems.push({ place, line: `${place}: ${at.length > 0 ? `${shown(at)}: ` : ''}${message}` });
  }

  private warning(at: readonly (string | number)[], message: string, of: 'key' | 'value' = 'value'): void {
    this.warnings.push(`${this.json.place([...at], of)}: ${shown(at)}: ${message}`);
  }
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  const { mcpServers } = (value ?? {}) as { mcpServers?: unknown };
  return typeof mcpServers === 'object' && mcpServers !== null ? { ...mcpServers } : {};
}

/** A key as it may stand in a log line. */
function shown(at: readonly (string | number)[]): string {
  return at.join('.').replaceAll(/[\u0000-\u001f\u007f]/g, '?');
}

function byPlace({ place: one }: { readonly place: string }, { place: other }: { readonly place: string }): number {
  const [line = 0, column = 0] = numbersOf(one);
  const [otherLine = 0, otherColumn = 0] = numbersOf(other);
  return line - otherLine || column - otherColumn;
}

function numbersOf(place: string): number[] {
  return place.split(':').slice(-2).map(Number);
}

function refuseIf(problems: readonly string[]): void {
  if (problems.length > 0) throw new SettingsError(problems);
}
