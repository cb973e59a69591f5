import type { ProxySettings } from '@app/mcp-transport';
import type { Environment } from './environment.js';
import type { TracingSettings } from './settings.js';

/** Undefined without an endpoint: then nothing is traced. */
export function readTracing(env: Environment, proxies: ProxySettings | undefined): TracingSettings | undefined {
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.href ?? ofTraces(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  if (url === undefined) return undefined;
  const isParentBased = env.OTEL_TRACES_SAMPLER.startsWith(PARENT_BASED);
  const root = (isParentBased ? env.OTEL_TRACES_SAMPLER.slice(PARENT_BASED.length) : env.OTEL_TRACES_SAMPLER) as Root;
  return {
    url,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS,
    attributes: { ...env.OTEL_RESOURCE_ATTRIBUTES, 'service.name': env.OTEL_SERVICE_NAME },
    sampler: { isParentBased, root },
    share: env.OTEL_TRACES_SAMPLER_ARG,
    ...(proxies && { proxies }),
  };
}

type Root = TracingSettings['sampler']['root'];

const PARENT_BASED = 'parentbased_';

/** The general endpoint is the base of that for traces (OTLP specification, "Endpoint URLs for OTLP/HTTP"). */
function ofTraces(base: URL | undefined): string | undefined {
  if (base === undefined) return undefined;
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url.href;
}
