import type { LoggerService } from '@nestjs/common';
import { destination, type Logger, type LevelWithSilent, pino, stdTimeFunctions } from 'pino';

/** The log: one JSON object a line on stdout, written in the background and whole at the end. */
export function createLogger(level: LevelWithSilent): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } };
  return pino(options, destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: 50 }));
}

/** Nest's way into the log. An object is taken as the fields of the line, its `msg` as the message. */
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

  /** Nest passes the context last, and a stack before it. */
  private write(level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const fields = typeof message === 'object' && message !== null ? message : { msg: String(message) };
    const stack = rest.length > 1 ? { stack: rest[0] } : {};
    this.logger[level]({ context, ...stack, ...fields });
  }
}

/** Nest tells of every route and module it sets up: of use to nobody who runs the gateway. */
const FRAMEWORK = new Set<unknown>(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);
