import type { LoggerService } from '@nestjs/common';

/** Keeps what is said against a server, in place of a log. */
export class CollectingLogger implements LoggerService {
  private readonly byUpstream = new Map<string, Set<string>>();
  private readonly stderrByUpstream = new Map<string, readonly unknown[]>();

  log(): void {}
  debug(): void {}

  warn(message: unknown): void {
    this.collect(message);
  }

  error(message: unknown): void {
    this.collect(message);
  }

  /** Each thing once. */
  of(upstream: string): string[] {
    return [...(this.byUpstream.get(upstream) ?? [])];
  }

  /** What its process wrote to stderr before it last ended; empty if that is not known. */
  stderrOf(upstream: string): readonly unknown[] {
    return this.stderrByUpstream.get(upstream) ?? [];
  }

  private collect(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    const { upstream, msg, error, warning, stderr } = message as Record<string, unknown>;
    if (typeof upstream !== 'string') return;
    if (Array.isArray(stderr)) this.stderrByUpstream.set(upstream, stderr);
    const said = this.byUpstream.get(upstream) ?? new Set();
    this.byUpstream.set(upstream, said.add([msg, warning ?? error].filter((part) => typeof part === 'string').join(': ')));
  }
}
