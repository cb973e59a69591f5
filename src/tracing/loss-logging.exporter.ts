import { Logger } from '@nestjs/common';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

type Done = Parameters<SpanExporter['export']>[1];

/** Says in the log when spans begin and cease to be lost on the way. Nothing of the URL or the headers is told: they may hold a secret. */
export class LossLoggingExporter implements SpanExporter {
  private readonly logger = new Logger('tracing');
  private isLosing = false;

  constructor(private readonly to: SpanExporter) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.to.export(spans, (result) => {
      this.note(spans.length, result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.to.shutdown();
  }

  private note(spans: number, { code, error }: Parameters<Done>[0]): void {
    const isLost = code !== SUCCESS;
    if (isLost === this.isLosing) return;
    this.isLosing = isLost;
    if (isLost) this.logger.warn({ msg: 'spans are lost: OTEL_EXPORTER_OTLP_ENDPOINT does not take them', reason: reasonOf(error), spans });
    else this.logger.log({ msg: 'spans are taken again' });
  }
}

/** `ExportResultCode.SUCCESS`. */
const SUCCESS = 0;

/** A status of HTTP or a code of Node; the message may hold what was sent. */
function reasonOf(error: (Error & { readonly code?: unknown }) | undefined): string {
  const code = error?.code;
  if (typeof code === 'number') return `HTTP ${code}`;
  return typeof code === 'string' ? code : 'no answer in time';
}
