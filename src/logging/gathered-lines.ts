import type { DestinationStream } from 'pino';

/** A line waits no longer than this to be written with those that come after it. */
const GATHER_MS = 50;

/** Where lines go that are written in the background once there are enough of them, or somebody says so. */
interface Gathering {
  write(line: string): unknown;
  flush(): void;
  flushSync(): void;
}

/** Has lines written some time after the first of them. The destination's own timer would write nothing twenty times a second, too. */
export function gathered(to: Gathering): DestinationStream & { flushSync(): void } {
  let due: NodeJS.Timeout | undefined;
  const flush = (): void => {
    due = undefined;
    to.flush();
  };
  return {
    write(line) {
      to.write(line);
      due ??= setTimeout(flush, GATHER_MS).unref();
    },
    flushSync: () => to.flushSync(),
  };
}
