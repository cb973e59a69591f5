import { isJsonObject } from '../json-object.js';
import { isJsonText } from '../json-text/index.js';
import { saysTheSame } from '../same-json.js';

const MAX_MEMBERS = 100;

/** What structuredContent says already, so that items of content that say it again can be left out. */
export class RepeatedContent {
  private strings: Set<string> | undefined;

  constructor(
    private readonly structured: unknown,
    private readonly text: string,
  ) {}

  /**
   * Whether the text number `index` is the JSON of structuredContent, of one of its members or of an item of a list there, or one of its strings;
   * the order of keys does not matter, nor how numbers are written. An empty text says nothing either.
   */
  hasText(text: string, index: number): boolean {
    if (text === this.text || text.trim() === '') return true;
    if (isJsonText(text)) {
      const value: unknown = JSON.parse(text);
      for (const said of this.saidAt(index)) if (saysTheSame(said, value)) return true;
    }
    return this.hasString(text);
  }

  /** Whether a string of it is this base64, by itself or in a data URI. */
  hasData(data: string): boolean {
    if (data === '') return false;
    return this.hasString(data) || [...this.allStrings()].some((text) => text.startsWith('data:') && text.endsWith(`,${data}`));
  }

  private *saidAt(index: number): Generator<unknown> {
    yield this.structured;
    if (Array.isArray(this.structured)) yield this.structured[index];
    if (!isJsonObject(this.structured)) return;
    for (const member of Object.values(this.structured).slice(0, MAX_MEMBERS)) {
      yield member;
      if (Array.isArray(member)) yield member[index];
    }
  }

  private hasString(text: string): boolean {
    // Without escapes it stands there as it is, if at all: most texts that are no twins are told by that.
    if (!this.text.includes('\\') && !this.text.includes(JSON.stringify(text))) return false;
    return this.allStrings().has(text);
  }

  private allStrings(): Set<string> {
    this.strings ??= stringsIn(this.structured);
    return this.strings;
  }
}

function stringsIn(value: unknown): Set<string> {
  const strings = new Set<string>();
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node === 'string') strings.add(node);
    else if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) pending.push(inner);
  }
  return strings;
}
