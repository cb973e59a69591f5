/** A longer one is none: it would have to go into a header. */
const MAX_LENGTH = 1_000;
const LONGEST_LINE = 'id: '.length + MAX_LENGTH + 1;
const NO_CONTROLS = /^[^\p{Cc}]+$/u;

/** The header by which a stream is gone on with behind the event of this id: in UTF-8, as the specification of server-sent events has it. */
export function lastEventIdHeader(id: string): { readonly 'last-event-id': string } {
  // Undici writes a header as Latin-1.
  return { 'last-event-id': Buffer.from(id).toString('latin1') };
}

/**
 * The id of the last event of a stream (HTML "Server-sent events"), of one without data, too, which the parser does not tell of.
 * Ids that cannot be sent in a header count as none.
 */
export class LastEventId {
  value: string | undefined;
  private ofEvent: string | undefined;
  private line = '';

  /** Takes text whose lines end in LF. */
  feed(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.endLine(this.line + text.slice(start, Math.min(end, start + LONGEST_LINE)));
      this.line = '';
      start = end + 1;
    }
    if (this.line.length < LONGEST_LINE) this.line += text.slice(start, start + LONGEST_LINE);
  }

  /** The next text begins another stream. */
  restart(): void {
    this.line = '';
    this.ofEvent = this.value;
  }

  private endLine(line: string): void {
    if (line === '') {
      this.value = this.ofEvent;
      return;
    }
    const [, id] = /^(?:id: ?|id$)(.*)$/s.exec(line) ?? [];
    if (id !== undefined) this.ofEvent = id.length <= MAX_LENGTH && NO_CONTROLS.test(id) ? id : undefined;
  }
}
