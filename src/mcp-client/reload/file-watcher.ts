import { type FSWatcher, statSync, watch } from 'node:fs';
import path from 'node:path';

/** Several events of one change, and a file that is being written, are waited out. */
const QUIET_MS = 100;
/** Finds what no event told: file systems over a network, links to files elsewhere. */
const POLL_MS = 1_000;

/** Tells when a file has other content: written in place, replaced, or behind a link that leads elsewhere now. */
export class FileWatcher {
  private last: string;
  private events: FSWatcher | undefined;
  private quiet: NodeJS.Timeout | undefined;
  private readonly poll: NodeJS.Timeout;

  constructor(
    private readonly file: string,
    private readonly onChange: () => void,
  ) {
    this.last = stampOf(file);
    this.poll = setInterval(() => this.look(), POLL_MS).unref();
    this.watchFolder();
  }

  close(): void {
    clearInterval(this.poll);
    clearTimeout(this.quiet);
    this.events?.close();
  }

  /** Editors put another file in its place: the folder sees that, the file's own watcher would stay with the old one. */
  private watchFolder(): void {
    try {
      this.events = watch(path.dirname(this.file), { persistent: false }, () => this.lookSoon());
      this.events.on('error', () => this.events?.close());
    } catch {
      // No watcher to be had (a limit of the system): polling has to do.
    }
  }

  private lookSoon(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.look(), QUIET_MS).unref();
  }

  private look(): void {
    const stamp = stampOf(this.file);
    if (stamp === this.last) return;
    this.last = stamp;
    this.onChange();
  }
}

/** Another one for other content, as far as the file system tells. */
function stampOf(file: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true, throwIfNoEntry: false }) ?? {};
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}
