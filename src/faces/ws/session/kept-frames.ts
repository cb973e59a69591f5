import type { LongJson } from '@app/mcp-openapi';
import { setNewest } from '../../../cache/set-newest.js';
import { isFinal, type OutboundFrame, type OutboundType, toFrame } from '../frames/outbound-frame.js';
import type { SocketBounds } from '../bounds.js';

/** What a frame costs beside its bytes, about. */
const FRAME_COST = 200;
/** Calls whose lost results are told by id. */
const MAX_LOST = 1_000;

/** What all sessions keep together, within one bound. */
export class KeptFrames {
  private readonly logs = new Set<FrameLog>();
  private bytes = 0;

  constructor(private readonly bounds: Pick<SocketBounds, 'keptBytesInAll'>) {}

  /** What one session keeps changed by so many bytes. Where all keep too much, who keeps most gives up half. */
  changed(log: FrameLog, bytes: number): void {
    this.bytes += bytes;
    if (log.bytes > 0) this.logs.add(log);
    else this.logs.delete(log);
    while (this.bytes > this.bounds.keptBytesInAll) this.largest().halve();
  }

  private largest(): FrameLog {
    let largest: FrameLog | undefined;
    for (const log of this.logs) if (!largest || log.bytes > largest.bytes) largest = log;
    return largest as FrameLog;
  }
}

/** What one session has said, numbered from 1, and as much of it as is kept for a client who comes back. */
export class FrameLog {
  bytes = 0;
  lastSeq = 0;
  private readonly frames = new Map<number, OutboundFrame>();
  /** By id the numbers of results that are not kept. */
  private readonly lost = new Map<string, number>();

  constructor(
    private readonly all: KeptFrames,
    private readonly bounds: Pick<SocketBounds, 'keptFrames' | 'keptBytes'>,
  ) {}

  /** The next frame. */
  add(type: OutboundType, correlationId: string | undefined, data: string | LongJson): OutboundFrame {
    return this.keep(toFrame(this.lastSeq + 1, type, correlationId, data));
  }

  /** Takes over a frame that has its number. */
  keep(frame: OutboundFrame): OutboundFrame {
    this.lastSeq = frame.seq;
    if (frame.bytes.length > this.bounds.keptBytes) {
      this.noteLost(frame);
      return frame;
    }
    this.frames.set(frame.seq, frame);
    this.change(costOf(frame));
    while (this.frames.size > this.bounds.keptFrames || this.bytes > this.bounds.keptBytes) this.dropOldest();
    return frame;
  }

  /** The next frame comes after this one at the earliest. */
  skipTo(seq: number): void {
    this.lastSeq = Math.max(this.lastSeq, seq);
  }

  /** How many are kept. */
  get size(): number {
    return this.frames.size;
  }

  keeps({ seq }: OutboundFrame): boolean {
    return this.frames.has(seq);
  }

  /** Those that came after this one, in order. */
  after(seq: number): OutboundFrame[] {
    return [...this.frames.values()].filter((frame) => frame.seq > seq);
  }

  /** Those of a call. */
  ofCall(correlationId: string): OutboundFrame[] {
    return [...this.frames.values()].filter((frame) => frame.correlationId === correlationId);
  }

  /** Calls whose results came after this frame and are not kept. */
  lostAfter(seq: number): string[] {
    return [...this.lost].filter(([, lostSeq]) => lostSeq > seq).map(([id]) => id);
  }

  halve(): void {
    const half = this.bytes / 2;
    while (this.bytes > half) this.dropOldest();
  }

  clear(): void {
    this.frames.clear();
    this.lost.clear();
    this.change(-this.bytes);
  }

  private dropOldest(): void {
    const oldest = this.frames.values().next().value as OutboundFrame;
    this.frames.delete(oldest.seq);
    this.noteLost(oldest);
    this.change(-costOf(oldest));
  }

  private noteLost(frame: OutboundFrame): void {
    if (!isFinal(frame) || frame.correlationId === undefined) return;
    setNewest(this.lost, frame.correlationId, frame.seq, MAX_LOST);
  }

  private change(bytes: number): void {
    this.bytes += bytes;
    this.all.changed(this, bytes);
  }
}

function costOf({ bytes }: OutboundFrame): number {
  return bytes.length + FRAME_COST;
}
