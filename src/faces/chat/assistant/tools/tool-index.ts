import { distance } from 'fastest-levenshtein';
import { atOnce, type McpTool, perTool, type Slices, visitEach } from '@app/mcp-openapi';
import type { AssistantTool } from '../assistant-types.js';
import { kindOfVerb, POLITE, SMALL, standsFor } from '../sentence/lexicon.js';
import { nameStems, type Word } from '../sentence/read-words.js';
import { descriptionOf, titleOf } from './tool-profile.js';

/** So many characters of descriptions of all tools together are looked up by; of few tools more of each. */
const MAX_DESCRIPTIONS = 200_000;
const MAX_DESCRIPTION = 400;
const MIN_DESCRIPTION = 20;
/** A word that more tools have than this tells little: the first ones stand for all. */
const MAX_FOR_WORD = 5_000;
const MAX_WORDS = 64;
const COMMAND_WORDS = 4;
/** Of names with more words than this together none is looked for that is mistyped. */
const MAX_SPELLED = 2_000;

/** Tools by their published names and by the words of their names, titles and descriptions. */
class ToolIndex {
  private readonly byName = new Map<string, AssistantTool>();
  private readonly byStem = new Map<string, number[]>();
  private readonly nameStems = new Set<string>();

  constructor(private readonly tools: readonly AssistantTool[]) {}

  /** Reads all tools, in slices. */
  *fill(): Slices<this> {
    const length = Math.min(MAX_DESCRIPTION, Math.floor(MAX_DESCRIPTIONS / Math.max(1, this.tools.length)));
    yield* visitEach(this.tools, (one, index) => {
      this.byName.set(one.name, one);
      const { inName, inTitle } = stemsOf(one.tool);
      for (const stem of inName) this.nameStems.add(stem);
      const description = length < MIN_DESCRIPTION ? '' : descriptionOf(one.tool).slice(0, length);
      for (const stem of new Set([...inName, ...inTitle, ...nameStems(`${one.server} ${description}`)])) this.note(stem, index);
    });
    return this;
  }

  named(name: string): AssistantTool | undefined {
    return this.byName.get(name);
  }

  get names(): Iterable<string> {
    return this.byName.keys();
  }

  /** The tools that share most with the words, those first whose words are rare; at most `limit`. */
  candidates(stems: Iterable<string>, limit: number): AssistantTool[] {
    const weights = new Map<number, number>();
    for (const [place, stem] of [...new Set(stems)].slice(0, MAX_WORDS).entries()) {
      // A command comes first, and then its text.
      const factor = place < COMMAND_WORDS ? 2 : 1;
      this.weigh(weights, stem, factor);
      for (const meant of standsFor(stem)) this.weigh(weights, meant, factor / 2);
    }
    return [...weights.entries()]
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, limit)
      .sort((a, b) => a[0] - b[0])
      .map(([index]) => this.tools[index]!);
  }

  private weigh(weights: Map<number, number>, stem: string, factor: number): void {
    const having = this.byStem.get(stem);
    if (!having) return;
    const weight = factor * Math.log(1 + this.tools.length / having.length);
    for (const index of having.length > MAX_FOR_WORD ? having.slice(0, MAX_FOR_WORD) : having)
      weights.set(index, (weights.get(index) ?? 0) + weight);
  }

  /** The stem of the word, or, where no tool knows it and it is a word of a name mistyped, of that. */
  spelled({ lower, stem }: Word): string {
    const isKnown = this.byStem.has(stem) || this.nameStems.size > MAX_SPELLED || standsFor(stem).size > 0;
    if (isKnown || !/^[a-z]{4,20}$/.test(stem) || SMALL.has(lower) || POLITE.has(lower) || kindOfVerb(stem) !== undefined) return stem;
    for (const known of this.nameStems) if (isMistyped(lower, known) || isMistyped(stem, known)) return known;
    return stem;
  }

  private note(stem: string, index: number): void {
    const having = this.byStem.get(stem);
    if (having) having.push(index);
    else this.byStem.set(stem, [index]);
  }
}

/** `taks` for `task`: the same letters, or, of longer words, one more, less or other. */
function isMistyped(stem: string, known: string): boolean {
  if (stem[0] !== known[0] || Math.abs(stem.length - known.length) > 1 || known.length < 4) return false;
  const edits = distance(stem, known);
  return (edits === 1 && known.length > 5) || (edits === 2 && [...stem].sort().join('') === [...known].sort().join(''));
}

const stemsOf = perTool((tool: McpTool) => ({ inName: nameStems(tool.name), inTitle: nameStems(titleOf(tool)) }));

const known = new WeakMap<readonly AssistantTool[], ToolIndex>();

/** The index of these tools: made once for each array of them, at once if {@link prepareIndex} has not. */
export function indexOf(tools: readonly AssistantTool[]): ToolIndex {
  return known.get(tools) ?? atOnce(prepareIndex(tools));
}

/** Makes the index of these tools in slices, where there is none. */
export function* prepareIndex(tools: readonly AssistantTool[]): Slices<ToolIndex> {
  const made = known.get(tools) ?? (yield* new ToolIndex(tools).fill());
  known.set(tools, made);
  return made;
}
