import type { Flow } from './flow.js';

/** So much all answers of one server hold together while they come. */
const MAX_BYTES = 16 * 1024 * 1024;

interface Reading {
  bytes: number;
  isPaused: boolean;
}

/**
 * One server's share of memory for answers that come in pieces: beyond it the first of them is read on, and the others wait. A server that
 * holds it by answers that do not end keeps its own calls waiting, and nobody else's.
 */
export class ReadingShare {
  private readonly readings = new Map<Flow, Reading>();
  private bytes = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  /** A piece has come. */
  add(flow: Flow, bytes: number): void {
    const reading = this.readingOf(flow);
    reading.bytes += bytes;
    this.bytes += bytes;
    if (reading.isPaused || !this.hasToWait(reading)) return;
    reading.isPaused = true;
    flow.pause();
  }

  /** Its answer has been looked at, or will never come. Harmless when repeated. */
  release(flow: Flow): void {
    const reading = this.readings.get(flow);
    if (!reading) return;
    this.readings.delete(flow);
    this.bytes -= reading.bytes;
    if (reading.isPaused) flow.resume();
    for (const [other, waiting] of this.readings) {
      if (!waiting.isPaused || this.hasToWait(waiting)) continue;
      waiting.isPaused = false;
      other.resume();
    }
  }

  private hasToWait(reading: Reading): boolean {
    const [first] = this.readings.values();
    return this.bytes > this.maxBytes && reading !== first;
  }

  private readingOf(flow: Flow): Reading {
    let reading = this.readings.get(flow);
    if (!reading) this.readings.set(flow, (reading = { bytes: 0, isPaused: false }));
    return reading;
  }
}
