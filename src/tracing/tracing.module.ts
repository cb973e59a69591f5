import { Global, Module } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { Tracing } from './tracing.service.js';

/** OpenTelemetry's SDK is loaded only where there is somebody to take spans: nobody else pays for it (docs/adr/0023-tracing.md). */
@Global()
@Module({
  providers: [
    {
      provide: Tracing,
      inject: [SETTINGS],
      useFactory: async ({ tracing }: Settings): Promise<Tracing> => {
        if (!tracing) return new Tracing(undefined);
        const { CallTracer } = await import('./call-tracer.js');
        return new Tracing(new CallTracer(tracing));
      },
    },
  ],
  exports: [Tracing],
})
export class TracingModule {}
