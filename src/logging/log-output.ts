import { fstatSync, write, writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** Told with what is left to be written where it failed; with nothing where it is done. */
type Written = (rest?: Buffer) => void;

/** Where bytes of the log go. Nothing of it throws, or waits for who reads. */
export interface LogOutput {
  /** Writes in the background; one piece is to be written before the next is given. */
  write(bytes: Buffer, written: Written): void;
  /** Writes what it can at once, as the process ends. */
  writeNow(bytes: Buffer): void;
}

/** The output for a file descriptor: a pipe or a socket is written as its reader takes it, anything else by the operating system. */
export function outputTo(fd: number): LogOutput {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket() ? new PipeOutput(fd) : new FileOutput(fd);
}

/** A file, a terminal, a device. */
class FileOutput implements LogOutput {
  constructor(private readonly fd: number) {}

  write(bytes: Buffer, written: Written): void {
    write(this.fd, bytes, 0, bytes.length, null, (error, count) => {
      if (error) written(bytes);
      else if (count < bytes.length) this.write(bytes.subarray(count), written);
      else written();
    });
  }

  writeNow(bytes: Buffer): void {
    tryWrite(this.fd, bytes);
  }
}

/** By the event loop and not by a thread of the pool: that would wait for the reader, and the process' end for the thread. */
class PipeOutput implements LogOutput {
  private readonly socket: Socket;
  private isGone = false;

  constructor(private readonly fd: number) {
    this.socket = new Socket({ fd, readable: false, writable: true });
    this.socket.on('error', () => (this.isGone = true));
    this.socket.unref();
  }

  write(bytes: Buffer, written: Written): void {
    // Whose reader is gone has none any more.
    if (this.isGone) return void setImmediate(written);
    this.socket.write(bytes, () => written());
  }

  writeNow(bytes: Buffer): void {
    if (!this.isGone) tryWrite(this.fd, bytes);
  }
}

/** All of it, as far as it is taken without waiting. */
function tryWrite(fd: number, bytes: Buffer): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSync(fd, rest));
  } catch {
    // The process is about to end: there is nobody left to tell.
  }
}
