const END_OF_HEAD = '\r\n\r\n';

/** Follows one direction of a WebSocket's connection: where its frames end (RFC 6455 5.2). */
export class FrameMeter {
  /** Whole frames that have passed. */
  frames = 0;
  private isUpgraded = false;
  /** Of the head that is not whole: of HTTP, then of each frame. */
  private head: Buffer = Buffer.alloc(0);
  private payloadLeft = 0;

  /** Whether what has passed ends within a frame. */
  get isInside(): boolean {
    return this.isUpgraded && (this.payloadLeft > 0 || this.head.length > 0);
  }

  take(bytes: Buffer): void {
    let rest = this.isUpgraded ? bytes : this.passHead(bytes);
    while (rest.length > 0) rest = this.payloadLeft > 0 ? this.passPayload(rest) : this.passFrameHead(rest);
  }

  /** How many of these bytes may pass so that what has passed ends within a frame; undefined where it cannot. */
  insideAt(bytes: Buffer, wish: number): number | undefined {
    for (const count of [wish, wish - 1]) {
      const meter = this.copy();
      meter.take(bytes.subarray(0, count));
      if (count > 0 && meter.isInside) return count;
    }
    return undefined;
  }

  private copy(): FrameMeter {
    return Object.assign(new FrameMeter(), this);
  }

  private passHead(bytes: Buffer): Buffer {
    this.head = Buffer.concat([this.head, bytes]);
    const end = this.head.indexOf(END_OF_HEAD);
    if (end < 0) return Buffer.alloc(0);
    const rest = this.head.subarray(end + END_OF_HEAD.length);
    this.isUpgraded = true;
    this.head = Buffer.alloc(0);
    return rest;
  }

  private passFrameHead(bytes: Buffer): Buffer {
    const head = Buffer.concat([this.head, bytes]);
    const length = headLength(head);
    if (head.length < length) {
      this.head = head;
      return Buffer.alloc(0);
    }
    this.head = Buffer.alloc(0);
    this.payloadLeft = payloadLength(head);
    if (this.payloadLeft === 0) this.frames += 1;
    return head.subarray(length);
  }

  private passPayload(bytes: Buffer): Buffer {
    const passed = Math.min(this.payloadLeft, bytes.length);
    this.payloadLeft -= passed;
    if (this.payloadLeft === 0) this.frames += 1;
    return bytes.subarray(passed);
  }
}

function headLength(head: Buffer): number {
  const second = head[1];
  if (second === undefined) return 2;
  const lengthBytes = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  return 2 + lengthBytes + (second & 0x80 ? 4 : 0);
}

function payloadLength(head: Buffer): number {
  const short = (head[1] as number) & 0x7f;
  if (short === 126) return head.readUInt16BE(2);
  return short === 127 ? Number(head.readBigUInt64BE(2)) : short;
}
