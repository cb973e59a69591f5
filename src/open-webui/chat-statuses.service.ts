import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type ChatStatusSettings, hasCredentials, SETTINGS, type Settings } from '../config/settings.js';
import type { Caller } from '../correlation/caller.js';
import { chatAnswerOf } from './chat-answer.js';
import { ChatStatus, type StatusLine } from './chat-status.js';
import { OpenWebUiBreaker } from './open-webui-breaker.js';
import { type PostEnd, postStatus } from './post-status.js';

/** Posts on their way at once. */
const MAX_POSTS = 8;
/** Calls that have ended, of which a chat is yet to be told: beyond it the one that has waited longest is given up. */
export const MAX_ENDINGS = 1_000;
const WARN_EVERY_MS = 60_000;
/** At its end the gateway waits so long for the last posts. */
const LAST_POSTS_MS = 2_000;

/**
 * Shows in Open WebUI's chats how far calls are that were made for them: posts are made aside, and nothing waits for one, nor fails with it.
 * Statuses are written with the key of an admin, into whatever chat a call names: only for callers who are known, where any are.
 */
@Injectable()
export class ChatStatuses implements StatusLine, OnModuleDestroy {
  private readonly logger = new Logger('open-webui');
  private readonly settings: ChatStatusSettings | undefined;
  private readonly isForAnybody: boolean;
  private readonly breaker = new OpenWebUiBreaker();
  private readonly waiting = new Set<ChatStatus>();
  private readonly endings = new Set<ChatStatus>();
  private posting = 0;
  private retry: NodeJS.Timeout | undefined;
  private warnedAt = -Infinity;

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.settings = settings.chatStatuses;
    this.isForAnybody = !hasCredentials(settings);
  }

  /** For a call of this caller; undefined where nobody is told. */
  of({ headers, principal }: Caller): ChatStatus | undefined {
    if (!this.settings) return undefined;
    if (principal.via === 'anonymous' && !this.isForAnybody) return undefined;
    const answer = chatAnswerOf(headers, this.settings.headers);
    return answer && new ChatStatus(answer, this);
  }

  /** No more than there are calls in flight, and endings. */
  due(status: ChatStatus): void {
    this.waiting.add(status);
    this.post();
  }

  ending(status: ChatStatus): void {
    const [oldest] = this.endings.size >= MAX_ENDINGS ? this.endings : [];
    oldest?.giveUp();
    this.endings.add(status);
  }

  over(status: ChatStatus): void {
    this.waiting.delete(status);
    this.endings.delete(status);
  }

  /** Calls that have ended, of which a chat is yet to be told. */
  get untold(): number {
    return this.endings.size;
  }

  async onModuleDestroy(): Promise<void> {
    const until = performance.now() + LAST_POSTS_MS;
    while (this.untold > 0 && this.breaker.roomOf(1) > 0 && performance.now() < until) await sleep(20);
    clearTimeout(this.retry);
    for (const status of [...this.endings, ...this.waiting]) status.giveUp();
  }

  private post(): void {
    for (const status of this.waiting) {
      if (this.posting >= this.breaker.roomOf(MAX_POSTS)) return this.postLater();
      this.waiting.delete(status);
      void this.postOne(status);
    }
  }

  /** Where no post is on its way, at whose end it goes on. */
  private postLater(): void {
    if (this.posting === 0) this.retry ??= setTimeout(() => this.postNow(), Math.max(0, this.breaker.closedInMs)).unref();
  }

  private postNow(): void {
    this.retry = undefined;
    this.post();
  }

  private async postOne(status: ChatStatus): Promise<void> {
    const news = status.take();
    if (!news) return;
    this.posting += 1;
    const end = await postStatus(this.settings as ChatStatusSettings, status.answer, news);
    this.posting -= 1;
    this.breaker.note(end);
    if (end.kind !== 'taken') this.warn(end);
    status.posted(news, end);
    this.post();
  }

  private warn({ kind, reason }: Exclude<PostEnd, { kind: 'taken' }>): void {
    if (performance.now() - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = performance.now();
    const warning = kind === 'refused' ? REFUSED : FAILED;
    this.logger.warn({ msg: 'the progress of a call is not shown in its chat', open_webui: this.settings?.url, reason, warning });
  }
}

const REFUSED =
  'Open WebUI does not take it: OPENWEBUI_API_KEY must be the key of an admin who may see chats (ENABLE_API_KEYS, ENABLE_ADMIN_CHAT_ACCESS there); a chat that is gone is refused in the same way.';
const FAILED = 'OPENWEBUI_URL is not reached, or in trouble; after three failures in a row it is asked every 10 s. Calls go on without.';
