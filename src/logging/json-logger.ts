import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, type LevelWithSilent, pino, stdTimeFunctions } from 'pino';
import { readable, toLogLine } from './log-line.js';
import { stdoutLog } from './stdout-log.js';

/**
 * The log: one JSON object a line on stdout, written in the background, and whole at an end of the process that it brings about or notices
 * itself. A kill -9 takes the lines of the last 50 ms with it.
 */
export function createLogger(level: LevelWithSilent, to: DestinationStream = stdoutLog()): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters, serializers: { err: readable } }, to);
}

/** Nest's way into the log. */
export class JsonLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    this.logger[level](toLogLine(message, rest));
  }
}

/** Nest tells of every route and module it sets up: of use to nobody who runs the gateway. */
const FRAMEWORK = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'WebSocketsController',
]);
