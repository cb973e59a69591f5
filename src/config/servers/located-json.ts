import { findNodeAtLocation, getNodeValue, type JSONPath, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/** JSON with comments and trailing commas that knows where each of its values stands. */
export class LocatedJson {
  readonly value: unknown;
  private readonly root: Node | undefined;
  private readonly errors: ParseError[] = [];
  private readonly lineStarts: readonly number[];

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {
    this.root = parseTree(text, this.errors, { allowTrailingComma: true });
    this.value = this.root && getNodeValue(this.root);
    this.lineStarts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
  }

  /** What keeps the text from being JSON, and keys that an object has twice; a line each. */
  problems(): string[] {
    if (this.errors.length > 0)
      return this.errors.slice(0, 1).map(({ error, offset }) => `${this.at(offset)}: not JSON (${wordsOf(error)})`);
    return this.root ? this.keyProblems(this.root, []) : [`${this.at(0)}: empty`];
  }

  /** `FILE:LINE:COLUMN` of the value at a path, or of its key; of the nearest one around it when there is none. */
  place(path: JSONPath, of: 'key' | 'value' = 'value'): string {
    const node = this.root && path.length > 0 ? findNodeAtLocation(this.root, path) : this.root;
    if (!node) return path.length > 0 ? this.place(path.slice(0, -1)) : this.at(0);
    const key = of === 'key' && node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    return this.at((key ?? node).offset);
  }

  private keyProblems(node: Node, path: JSONPath): string[] {
    if (node.type === 'array') return (node.children ?? []).flatMap((child, index) => this.keyProblems(child, [...path, index]));
    if (node.type !== 'object') return [];
    const seen = new Set<string>();
    return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => {
      const name = String(key?.value);
      const inner = [...path, name];
      const problem = seen.has(name) ? 'given twice' : name === '__proto__' ? 'this key must not be used' : undefined;
      seen.add(name);
      const own = problem ? [`${this.at(key?.offset ?? 0)}: ${inner.join('.')}: ${problem}`] : [];
      return [...own, ...(value ? this.keyProblems(value, inner) : [])];
    });
  }

  private at(offset: number): string {
    const line = this.lineStarts.findLastIndex((start) => start <= offset);
    return `${this.file}:${line + 1}:${[...this.text.slice(this.lineStarts[line], offset)].length + 1}`;
  }
}

/** `CommaExpected` as `comma expected`. */
function wordsOf(code: ParseError['error']): string {
  return printParseErrorCode(code)
    .replaceAll(/(?<!^)([A-Z])/g, ' $1')
    .toLowerCase();
}
