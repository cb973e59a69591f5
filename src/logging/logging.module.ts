import { type DynamicModule, Module } from '@nestjs/common';
import { AccessLog } from './access-log.js';

/** Where every module finds the log of requests and calls. */
@Module({})
export class LoggingModule {
  static with(log: AccessLog): DynamicModule {
    return { module: LoggingModule, global: true, providers: [{ provide: AccessLog, useValue: log }], exports: [AccessLog] };
  }
}
