import type { Stage } from './stage.ts';

/** One thing that a person can do with Open WebUI and the gateway; the title cites the requirements it shows. */
export interface Scenario {
  readonly title: string;
  /** Rejects when something is not as it should be. */
  run(stage: Stage): Promise<void>;
}
