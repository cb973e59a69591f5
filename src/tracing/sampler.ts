import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../config/settings.js';

/** The one that OTEL_TRACES_SAMPLER names. */
export function samplerOf({ sampler: { isParentBased, root }, share }: TracingSettings): Sampler {
  const own = rootOf(root, share);
  return isParentBased ? new ParentBasedSampler({ root: own }) : own;
}

function rootOf(root: TracingSettings['sampler']['root'], share: number): Sampler {
  if (root === 'always_on') return new AlwaysOnSampler();
  return root === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(share);
}
