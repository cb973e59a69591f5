import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { HealthPart } from '../health/health-report.js';
import { ServerChecks } from '../health/server-checks.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import { CallMetrics } from '../metrics/call-metrics.js';
import { SecurityEvents } from '../metrics/security-events.js';
import { AlertStates, type Look } from './alert-states.js';
import { AlertWebhook } from './alert-webhook.service.js';
import { LastMinute } from './last-minute.js';

const LOOK_MS = 5_000;
/** A server that is back within ten seconds was not away. */
const LOOKS_TO_BE_DOWN = 3;
/** Of the calls of the last minute, if there are so many. */
const FAULTS_HIGH = 0.2;
const FAULTS_LOW = 0.1;
const LEAST_CALLS = 20;
/** Failures of authentication within a minute. */
const AUTH_HIGH = 20;
const AUTH_LOW = 5;
/** Of what a server said last. */
const MAX_REASON_LENGTH = 300;

/** Looks at what a person should be told of, and has the webhook tell it; where there is none nothing is looked at. */
@Injectable()
export class Alerts implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly states = new AlertStates();
  private readonly lastMinute = new LastMinute<{ calls: number; faults: number; authFailures: number }>();
  private readonly logger = new Logger('alerts');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'alertWebhook'>,
    private readonly webhook: AlertWebhook,
    private readonly servers: ServerChecks,
    private readonly mcpClient: McpClient,
    private readonly calls: CallMetrics,
    private readonly security: SecurityEvents,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.alertWebhook) return;
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Once, now. */
  look(): void {
    const { calls, faults, authFailures } = this.lastMinute.growth({ ...this.calls.totals, authFailures: this.security.authFailures });
    const down = Object.entries(this.servers.parts()).map(([name, part]) => serverDown(name, part));
    const paused = this.mcpClient.upstreams.map(({ name, pausedFor }) => breakerOpen(name, pausedFor > 0));
    for (const change of this.states.take([...down, ...paused, errorRate(calls, faults), authAttack(authFailures)])) {
      const { alert, state, server, text } = change;
      this.logger[state === 'firing' ? 'warn' : 'log']({ msg: 'alert', alert, state, upstream: server, text });
      this.webhook.send(change);
    }
  }
}

function serverDown(server: string, { status, lastError }: HealthPart): Look {
  const reason = typeof lastError === 'string' ? ` ${lastError.slice(0, MAX_REASON_LENGTH)}` : '';
  return {
    alert: 'server_down',
    server,
    isSo: status === 'down' ? true : status === 'up' ? false : undefined,
    textWhenFiring: `The MCP server "${server}" is down.${reason}`,
    textWhenResolved: status === 'up' ? `The MCP server "${server}" is back.` : `The MCP server "${server}" is configured no more.`,
    looksToFire: LOOKS_TO_BE_DOWN,
  };
}

function breakerOpen(server: string, isSo: boolean): Look {
  return {
    alert: 'breaker_open',
    server,
    isSo,
    textWhenFiring: `Calls to the MCP server "${server}" fail again and again and are answered 503 until one succeeds.`,
    textWhenResolved: `Calls to the MCP server "${server}" are sent again.`,
  };
}

function errorRate(calls: number, faults: number): Look {
  const share = calls === 0 ? 0 : faults / calls;
  return {
    alert: 'error_rate',
    isSo: calls >= LEAST_CALLS && share >= FAULTS_HIGH ? true : share < FAULTS_LOW ? false : undefined,
    textWhenFiring: `${faults} of ${calls} tool calls of the last minute failed at the gateway or its MCP servers.`,
    textWhenResolved: 'Fewer than a tenth of the tool calls of the last minute failed at the gateway or its MCP servers.',
  };
}

function authAttack(failures: number): Look {
  return {
    alert: 'auth_attack',
    isSo: failures >= AUTH_HIGH ? true : failures < AUTH_LOW ? false : undefined,
    textWhenFiring: `${failures} requests within a minute came with wrong credentials, or none; the log tells from where (security_event).`,
    textWhenResolved: 'Hardly any requests come with wrong credentials any more.',
  };
}
