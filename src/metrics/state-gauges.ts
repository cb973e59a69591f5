import { Injectable } from '@nestjs/common';
import { Gauge, register } from 'prom-client';

/** A gauge of METRICS. */
interface StateMetric {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** A value, with those of the labels. */
export interface StateSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Gauges of what others know anyway: they are asked whenever somebody reads the metrics, and at no other time. */
@Injectable()
export class StateGauges {
  /** Has the metric show what `read` gives, in place of what it showed before. */
  show({ name, help, labelNames }: StateMetric, read: () => Iterable<StateSample>): void {
    const known = register.getSingleMetric(name) as Gauge | undefined;
    const gauge = known ?? new Gauge({ name, help, labelNames: [...labelNames] });
    const collect = () => {
      gauge.reset();
      for (const { labels = {}, value } of read()) gauge.set(labels, value);
    };
    Object.assign(gauge, { collect });
  }
}
