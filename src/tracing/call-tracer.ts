import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { hostname } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { proxyFor } from '@app/mcp-transport';
import type { TracingSettings } from '../config/settings.js';
import { VERSION } from '../config/version.js';
import type { RequestContext } from '../correlation/request-context.js';
import { samplerOf } from './sampler.js';
import { LossLoggingExporter } from './loss-logging.exporter.js';
import { TracedCall } from './traced-call.js';

/** Spans that wait to be sent; beyond them new ones are dropped. With the lengths below they take some megabytes. */
const MAX_WAITING = 2_048;
const MAX_BATCH = 512;
const BATCH_DELAY_MS = 1_000;
/** Longest try to send a batch, with all its repetitions. */
const EXPORT_MS = 5_000;
const LIMITS = { attributeValueLengthLimit: 256, attributeCountLimit: 32, eventCountLimit: 0, linkCountLimit: 0 };

/** Through a forward proxy, where there is one for it. Node before 22.21 knows none, and asks none. */
function wayTo({ url, proxies }: TracingSettings): { httpAgentOptions?: () => HttpAgent } {
  const to = new URL(url);
  const proxy = proxyFor(to, proxies);
  if (!proxy) return {};
  const agent = to.protocol === 'https:' ? HttpsAgent : HttpAgent;
  return { httpAgentOptions: () => new agent({ keepAlive: true, proxyEnv: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } }) };
}

/** Makes spans of calls, and sends them to whoever takes OTLP. Nothing of it is global, and no call waits for it. */
export class CallTracer {
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;

  constructor(settings: TracingSettings) {
    const { url, headers } = settings;
    const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: EXPORT_MS, ...wayTo(settings) });
    const batches = new BatchSpanProcessor({
      exporter: new LossLoggingExporter(exporter),
      maxQueueSize: MAX_WAITING,
      maxExportBatchSize: MAX_BATCH,
      scheduledDelayMillis: BATCH_DELAY_MS,
      exportTimeoutMillis: EXPORT_MS + 1_000,
    });
    this.provider = new TracerProvider({
      resource: defaultResource().merge(
        resourceFromAttributes({ 'service.version': VERSION, 'host.name': hostname(), ...settings.attributes }),
      ),
      sampler: samplerOf(settings),
      spanLimits: LIMITS,
      spanProcessors: [batches],
    });
    this.tracer = this.provider.getTracer('mcpo-proxy', VERSION);
  }

  /** Gives a call its span, below its caller's, and where that has none a trace of its own. */
  begin(context: RequestContext): void {
    context.span = new TracedCall(this.tracer, context);
  }

  /** Sends what waits. Never rejects. */
  async end(): Promise<void> {
    await this.provider.shutdown().catch(() => undefined);
  }
}
