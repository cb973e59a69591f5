import { skipString } from './scan.js';

/** Does `text`, JSON or not, open more than `max` arrays and objects inside one another? Costs one look at each character at the most. */
export function exceedsDepth(text: string, max: number): boolean {
  return exceeds(text, max, Infinity);
}

/** The same, or does it hold more than `maxValues` values and names, in any arrays and objects? */
export function exceeds(text: string, maxDepth: number, maxValues: number): boolean {
  if (text.length <= maxDepth && text.length <= maxValues) return false;
  let depth = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = skipString(text, index) - 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      values += 1;
      if (depth > maxDepth || values > maxValues) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
    else if (code === 0x2c || code === 0x3a) {
      values += 1;
      if (values > maxValues) return true;
    }
  }
  return false;
}
