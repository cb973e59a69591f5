import type { McpBounds } from '../bounds.js';

/** What gives up its oldest event, and tells how many characters that had. */
interface Keeping {
  dropFirst(): number;
}

/** Characters that all sessions keep together. */
export class KeptOfAll {
  characters = 0;
}

/** What one session keeps of its streams: the oldest makes room, in this session alone. */
export class KeptEvents {
  private readonly order: Keeping[] = [];
  private characters = 0;

  constructor(
    private readonly bounds: Pick<McpBounds, 'maxEvents' | 'maxCharacters' | 'maxCharactersOfAll'>,
    private readonly all: KeptOfAll,
  ) {}

  added(stream: Keeping, characters: number): void {
    this.order.push(stream);
    this.count(characters);
    while (this.order.length > 0 && this.isTooMuch) this.dropFirst();
  }

  clear(): void {
    while (this.order.length > 0) this.dropFirst();
  }

  private get isTooMuch(): boolean {
    const { maxEvents, maxCharacters, maxCharactersOfAll } = this.bounds;
    return this.order.length > maxEvents || this.characters > maxCharacters || this.all.characters > maxCharactersOfAll;
  }

  private dropFirst(): void {
    this.count(-(this.order.shift()?.dropFirst() ?? 0));
  }

  private count(characters: number): void {
    this.characters += characters;
    this.all.characters += characters;
  }
}
