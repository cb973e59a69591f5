import { Injectable } from '@nestjs/common';
import { Counter, Gauge, register } from 'prom-client';

/** A metric of METRICS; one that ends in `_total` is a counter. */
interface StateMetric {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** A value, with those of the labels. */
interface StateSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Gauges, and counters, of what others know anyway: they are asked whenever somebody reads the metrics, and at no other time. */
@Injectable()
export class StateGauges {
  /** Has the metric show what `read` gives, in place of what it showed before. */
  show({ name, help, labelNames }: StateMetric, read: () => Iterable<StateSample>): void {
    const Kind = name.endsWith('_total') ? Counter : Gauge;
    const known = register.getSingleMetric(name) as Counter | Gauge | undefined;
    const metric = known ?? new Kind({ name, help, labelNames: [...labelNames] });
    const collect = () => {
      metric.reset();
      for (const { labels = {}, value } of read()) metric.inc(labels, value);
    };
    Object.assign(metric, { collect });
  }
}
