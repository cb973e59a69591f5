/** An event of a stream as written. */
export interface TextEvent {
  /** '' where it has none. */
  readonly name: string;
  readonly data: string;
}

/** What stands in the text of server-sent events so far, as the HTML standard has it (9.2.6): data on several lines is joined. */
export function readEvents(text: string): { readonly events: readonly TextEvent[]; readonly comments: readonly string[] } {
  const blocks = text.split('\n\n').slice(0, -1);
  const isComment = (block: string): boolean => block.startsWith(':');
  return { events: blocks.filter((block) => !isComment(block)).map(toEvent), comments: blocks.filter(isComment) };
}

function toEvent(block: string): TextEvent {
  const lines = block.split('\n').map((line) => /^(\w+): ?(.*)$/s.exec(line)?.slice(1) ?? []);
  const of = (field: string) => lines.filter(([name]) => name === field).map(([, value]) => value);
  return { name: of('event').join(), data: of('data').join('\n') };
}
