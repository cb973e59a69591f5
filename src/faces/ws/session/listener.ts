import type { OutboundFrame } from '../frames/outbound-frame.js';

/** Who hears what is said in a session: a socket. */
export interface Listener {
  /** False where nobody is there any more. */
  write(frame: OutboundFrame): boolean;
  close(code: number, reason: string): void;
}
