import { watchOthers } from './machine-usage.ts';

/** A sample during which others took more of the machine's CPU is taken again. */
const MAX_OTHERS_SHARE = 0.1;
const MAX_RETAKES = 40;

/** Takes samples that others did not disturb, as long as they may be taken again. */
export class UndisturbedSamples {
  private readonly pids: readonly number[];
  private readonly maxRetakes: number;
  private retakes = 0;
  private disturbed = 0;

  /** `pids`: the processes that belong to the bench; `maxRetakes`: how many samples are taken again in all. */
  constructor(pids: readonly number[], maxRetakes = MAX_RETAKES) {
    this.pids = pids;
    this.maxRetakes = maxRetakes;
  }

  async take<T>(sample: () => Promise<T>): Promise<T> {
    for (;;) {
      const othersShare = watchOthers(this.pids);
      const taken = await sample();
      if (othersShare() <= MAX_OTHERS_SHARE) return taken;
      if (this.retakes === this.maxRetakes) {
        this.disturbed += 1;
        return taken;
      }
      this.retakes += 1;
    }
  }

  /** Tells on stdout when samples had to be taken as they were. */
  printDisturbed(): void {
    if (this.disturbed > 0)
      console.log(`\nDuring ${this.disturbed} of the samples something else had much of the CPU: the numbers are distorted.`);
  }
}
