import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { ListTooLarge } from '@app/mcp-transport';
import { fullJitter } from '../../mcp-client/full-jitter.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { type ListPlaces, PublishedList } from './published-list.js';
import type { StoredList } from './stored-list.js';

/** A list that fails is asked for again this often before the last good one has to do. */
const LIST_ATTEMPTS = 3;
const LIST_PAUSE = { firstMs: 100, longestMs: 400 } as const;
/** A server that is up and cannot be listed is asked again after pauses of this length, long before its list grows old. */
const NEXT_LIST = { firstMs: 1_000, longestMs: 60_000 } as const;
/** A server that reports a change after each list is listed with this pause between. */
const MIN_PAUSE_MS = 100;
/** A server whose tools are not known after so long says so. */
const SLOW_LIST_MS = 5_000;
const SLOW_LIST = `its tools have been asked for, and have not come within ${SLOW_LIST_MS / 1000} s`;
/** Callers with unknown names make a server list its tools at most this often. */
const UNKNOWN_TOOL_PAUSE_MS = 1_000;

/** Keeps the list of one server up to date, from the server or from a replica that has asked it. */
export class ListKeeper {
  private readonly logger = new Logger('discovery');
  private readonly published: PublishedList;
  private running: Promise<void> | undefined;
  /** Something changed while a list was on its way: it may be out of date already. */
  private isOutdated = false;
  private endedAt = -Infinity;
  /** In a row. */
  private failures = 0;
  private next: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** `before`: of the server in whose place this one is, whose list is published until this one's is. */
  constructor(
    private readonly upstream: Upstream,
    private readonly places: ListPlaces,
    before?: ListKeeper,
  ) {
    this.published = new PublishedList(upstream, places, before?.published);
    const refresh = () => void (!this.isStopped && this.refresh());
    upstream
      .on('up', refresh)
      .on('toolsChanged', refresh)
      .on('failed', () => void this.takeLastGood());
    this.renewIn(places.ttlMs);
  }

  /** Ends what it waits for; nothing of its server is published any more. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.next);
  }

  /** Whether the last list failed, after all attempts, though the server is up. */
  get hasFailed(): boolean {
    return this.failures > 0;
  }

  /** Since when the server was asked for what is published; undefined where nothing is. */
  get ageMs(): number | undefined {
    return this.published.ageMs;
  }

  /** Whether what is published for all is old, and cannot be had anew. */
  get isStale(): boolean {
    if (!this.places.catalog.toolsForAll(this.upstream)) return false;
    return this.published.isStaleIf(!this.upstream.isConnected || this.hasFailed);
  }

  /** Lists the tools anew; one list at a time, and another one if something changed meanwhile. Never rejects. */
  refresh(): Promise<void> {
    if (this.running) {
      this.isOutdated = true;
      return this.running;
    }
    this.running = this.listUntilFresh().finally(() => (this.running = undefined));
    return this.running;
  }

  /** For a call that found its tool gone: what it waits for until there is a list not older than a second; undefined if there is one. */
  refreshForUnknownTool(): Promise<void> | undefined {
    if (this.running) return this.running;
    return performance.now() - this.endedAt >= UNKNOWN_TOOL_PAUSE_MS ? this.refresh() : undefined;
  }

  /** Looks for what another replica may have learnt. */
  async look(): Promise<void> {
    await this.take(await this.places.shared.fresh(this.upstream));
  }

  /** The same after messages may have been missed, or Redis has lost what it held: then it gets what is published here. */
  async lookAfterGap(): Promise<void> {
    const stored = await this.places.shared.fresh(this.upstream);
    if (!(await this.take(stored)) && !this.isStopped) this.published.keepIfYounger(stored);
  }

  /** Publishes what another replica was told, where that is younger; true if it is. */
  async take(stored: StoredList | undefined): Promise<boolean> {
    if (!stored || this.isStopped || !(await this.published.take(stored))) return false;
    this.renewIn(this.published.freshMs);
    return true;
  }

  private renewIn(ms: number): void {
    clearTimeout(this.next);
    if (!this.isStopped) this.next = setTimeout(() => void this.renew(), ms).unref();
  }

  /** The list has grown old, or could not be had. Of several replicas one asks the server, and the others take over what it is told. */
  private async renew(): Promise<void> {
    const { shared } = this.places;
    if ((await this.take(await shared.fresh(this.upstream))) || this.isStopped) return;
    if (!this.upstream.isConnected) return this.renewIn(shared.awayPauseMs);
    if (await shared.claim(this.upstream)) await (this.running ?? this.refresh());
    else this.renewIn(shared.busyPauseMs);
  }

  private async listUntilFresh(): Promise<void> {
    clearTimeout(this.next);
    let failure: string | undefined;
    do {
      await sleep(Math.max(0, this.endedAt + MIN_PAUSE_MS - performance.now()), undefined, { ref: false });
      this.isOutdated = false;
      failure = await this.list();
      this.endedAt = performance.now();
    } while (this.isOutdated);
    this.failures = failure === undefined ? 0 : this.failures + 1;
    if (failure === undefined) return this.renewIn(this.places.ttlMs);
    this.renewIn(fullJitter(this.failures - 1, NEXT_LIST));
    await this.takeLastGood();
  }

  /** Why the last good list has to do, if it has; a server that is down is not asked again: it is listed when it is back. */
  private async list(): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      let failure: string;
      let isLasting = false;
      const slow = setTimeout(() => this.upstream.noteUnlisted(SLOW_LIST, this.isListed), SLOW_LIST_MS).unref();
      try {
        await this.published.takeFromServer();
        return undefined;
      } catch (error) {
        failure = this.upstream.words.told(error);
        isLasting = error instanceof ListTooLarge;
        this.logger.warn({ msg: 'tools could not be listed', upstream: this.upstream.name, attempt, error: failure });
        if (!this.isStopped) this.upstream.noteUnlisted(`its tools could not be listed: ${failure}`, this.isListed);
      } finally {
        clearTimeout(slow);
      }
      if (isLasting || attempt === LIST_ATTEMPTS || this.isStopped || !this.upstream.isConnected) return failure;
      await sleep(fullJitter(attempt - 1, LIST_PAUSE), undefined, { ref: false });
    }
  }

  /** The server cannot be asked: better than none is the list that it gave some gateway last. */
  private async takeLastGood(): Promise<void> {
    if (this.isListed || this.isStopped || this.upstream.asksCallers) return;
    const stored = await this.places.shared.lastGood(this.upstream);
    if (stored && !this.isListed && !this.isStopped) await this.published.takeLastGood(stored);
  }

  private get isListed(): boolean {
    return !this.places.catalog.snapshot().unlisted.includes(this.upstream);
  }
}
