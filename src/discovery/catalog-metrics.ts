import { Injectable } from '@nestjs/common';
import { METRICS } from '../metrics/metric-names.js';
import { StateGauges } from '../metrics/state-gauges.js';
import { Discovery } from './discovery.service.js';
import { ToolCatalog } from './tool-catalog.service.js';

/** What is known of the catalogue, for whoever reads the metrics. */
@Injectable()
export class CatalogMetrics {
  constructor(gauges: StateGauges, catalog: ToolCatalog, discovery: Discovery) {
    gauges.show(METRICS.catalogRevision, () => [{ value: catalog.snapshot().revision }]);
    gauges.show(METRICS.catalogTools, () =>
      [...catalog.snapshot().servers].map(([server, { entries }]) => ({ labels: { server }, value: entries.size })),
    );
    gauges.show(METRICS.catalogAge, () =>
      catalog.upstreams.flatMap((upstream) => {
        const ageMs = discovery.ageMs(upstream);
        return ageMs === undefined ? [] : [{ labels: { server: upstream.name }, value: ageMs / 1000 }];
      }),
    );
  }
}
