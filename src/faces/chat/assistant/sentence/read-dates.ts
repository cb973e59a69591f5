import { casual } from 'chrono-node/en';
import type { Word } from './read-words.js';

/** Days that a sentence names, as YYYY-MM-DD: one day, or the first and the last. */
export interface SaidDate {
  readonly from: string;
  readonly to: string;
  /** It names one day: no month, week or span. */
  readonly isOneDay: boolean;
  /** Where it stands, without the preposition before it. */
  readonly start: number;
  readonly end: number;
}

/** What `today` is, and where. */
export interface Clock {
  readonly now: Date;
  readonly timeZone: string;
}

/** The reading of dates takes time by the square of the text. */
const MAX_LENGTH = 1_000;
const DAY_MS = 86_400_000;

/** The days that a sentence names outside quotes, in order; a day of the week and a date without a year are the next such day. */
export function readDates(sentence: string, words: readonly Word[], clock: Clock): SaidDate[] {
  const wall = wallClock(clock);
  const reference = { instant: wall, timezone: 0 };
  return casual
    .parse(withoutQuotes(sentence, words), reference, { forwardDate: true })
    .filter((found) => isDay(found, sentence))
    .map((found) => {
      const days = weekOf(found.text, wall) ?? { from: dayOf(found.start), to: dayOf(found.end ?? found.start) };
      const isOneDay = days.from === days.to && (found.start.isCertain('day') || found.start.isCertain('weekday'));
      return { ...days, isOneDay, start: found.index, end: found.index + found.text.length };
    });
}

type Found = ReturnType<typeof casual.parse>[number];

function dayOf(components: Found['start']): string {
  const [year, month, day] = [components.get('year'), components.get('month'), components.get('day')];
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** A time of day alone names no day; `may`, `sat` and `sun` are words, too, unless written as names or behind a preposition. */
function isDay({ start, text, index }: Found, sentence: string): boolean {
  const said = ['day', 'weekday', 'month'] as const;
  if (!said.some((part) => start.isCertain(part)) && !/week|month|year/i.test(text)) return false;
  if (!/^[a-z]{3,9}$/.test(text) || /day$|^tomorrow$|^tonight$/.test(text)) return true;
  return /\b(?:by|on|in|before|after|until|till|since|from|next|this)\s+$/i.test(sentence.slice(Math.max(0, index - 12), index));
}

function weekOf(text: string, wall: Date): { from: string; to: string } | undefined {
  const which = /^(this|next|last) week$/i.exec(text.trim())?.[1]?.toLowerCase();
  if (which === undefined) return undefined;
  const shift = { this: 0, next: 7, last: -7 }[which] ?? 0;
  const monday = wall.getTime() - ((wall.getUTCDay() + 6) % 7) * DAY_MS + shift * DAY_MS;
  return { from: isoDay(monday), to: isoDay(monday + 6 * DAY_MS) };
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The hands of the clock in the time zone, as if they were UTC: days are counted there, whatever summer time does. */
function wallClock({ now, timeZone }: Clock): Date {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' }).formatToParts(
    now,
  );
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return new Date(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')));
}

function withoutQuotes(sentence: string, words: readonly Word[]): string {
  let text = sentence.slice(0, MAX_LENGTH);
  for (const { isQuoted, start, end } of words) {
    if (isQuoted && start < MAX_LENGTH) text = `${text.slice(0, start)}${'"'.repeat(Math.min(end, text.length) - start)}${text.slice(end)}`;
  }
  return text;
}
