import type { ToolResult } from '../tool-outcome.js';
import { describeBinary } from './binary-item.js';
import { textOf } from './content-item.js';
import { withoutBinary } from './structured-text.js';
import { RepeatedContent } from './repeated-content.js';

/** What a result says, for readers who write it in their own way. */
interface ResultParts {
  /** structuredContent with a description in the place of bytes; undefined where there is none. */
  readonly structured: unknown;
  /** The items of content, less the texts that say the same as structuredContent. */
  readonly items: readonly unknown[];
}

/** A result with nothing said twice, and no bytes but in items of content. */
export function resultToParts({ value: { content, structuredContent } }: ToolResult): ResultParts {
  const items: readonly unknown[] = Array.isArray(content) ? content : [];
  if (structuredContent === undefined || structuredContent === null) return { structured: undefined, items };
  const written = JSON.stringify(structuredContent);
  const described = withoutBinary(written, structuredContent, (binary) => describeBinary(binary, false));
  const twins = new RepeatedContent(structuredContent, written);
  let texts = 0;
  const isNew = (item: unknown): boolean => {
    const text = textOf(item);
    return text === undefined || !twins.hasText(text, texts++);
  };
  return { structured: described === written ? structuredContent : JSON.parse(described), items: items.filter(isNew) };
}
