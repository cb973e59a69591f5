import type { CorpusTool } from './corpus.ts';

/** Tools whose schemas are too large or too deep to be kept in a file. */
export function generatedTools(): CorpusTool[] {
  return [
    tool('deep_properties', nested(10_000, '{"type":"object","properties":{"a":', '}}'), ['{"a":{"a":{}}}'], ['{"a":1}', '[]']),
    tool('deep_items', object(`"a":${nested(1_500, '{"type":"array","items":', '}')}`), ['{"a":[[[]]]}'], ['{"a":1}'], { isCut: true }),
    tool('deep_unions', object(`"a":${nested(1_000, '{"anyOf":[{"type":"integer"},', ']}')}`), ['{"a":1}'], ['[]']),
    tool('deep_all_of', object(`"a":${nested(1_000, '{"allOf":[', ']}')}`), ['{"a":"x"}'], ['[]']),
    tool('long_chain_of_refs', chainOfRefs(3_000), ['{"a":"x"}', '{}'], ['[]']),
    tool('bomb_of_refs', bombOfRefs(30), ['{"a":{"l":{"r":{}}}}'], ['[]']),
    tool(
      'wide_properties',
      object(times(2_400, (n) => `"property_${n}":{"type":"string","description":"Property ${n}."}`)),
      ['{"property_2399":"x"}'],
      ['[]'],
    ),
    tool(
      'wide_union',
      object(`"a":{"anyOf":[${times(1_000, (n) => `{"type":"object","properties":{"k${n}":{"const":${n}}},"required":["k${n}"]}`)}]}`),
      ['{"a":{"k999":999}}'],
      ['[]'],
    ),
    tool(
      'wide_enum',
      object(`"a":{"type":"string","enum":[${times(20_000, (n) => `"value-${n}"`)}]}`),
      ['{"a":"value-19999"}'],
      ['{"a":1}'],
    ),
    tool(
      'wide_required',
      `{"type":"object","properties":{},"required":[${times(2_000, (n) => `"r${n}"`)}]}`,
      [`{${times(2_000, (n) => `"r${n}":1`)}}`],
      ['{"r0":1}'],
      { parameters: null },
    ),
    tool('long_description', object(`"a":{"type":"integer","description":"${'word '.repeat(200_000)}"}`), ['{"a":1}'], ['{"a":"1"}']),
    tool(
      'long_pattern',
      object(`"a":{"type":"string","pattern":"^(${times(5_000, (n) => `w${n}`, '|')})$"},"b":{"type":"integer"}`),
      ['{"a":"w1"}'],
      ['{"b":"1"}'],
    ),
    tool(
      'many_repetitions',
      object('"a":{"type":"string","pattern":"^((a{1,100}){1,100}){1,100}$"},"b":{"type":"integer"}'),
      ['{"a":"aaa"}'],
      ['{"b":"1"}'],
    ),
  ];
}

function tool(name: string, schema: string, valid: string[], invalid: string[], more: Partial<CorpusTool> = {}): CorpusTool {
  const text = `{"name":"${name}","description":"Test tool ${name}.","inputSchema":${schema}}`;
  return { tool: JSON.parse(text) as CorpusTool['tool'], text, valid, invalid, ...more };
}

function object(properties: string): string {
  return `{"type":"object","properties":{${properties}}}`;
}

function times(count: number, write: (n: number) => string, separator = ','): string {
  return Array.from({ length: count }, (_, n) => write(n)).join(separator);
}

function nested(depth: number, open: string, close: string): string {
  return `${open.repeat(depth)}{"type":"string"}${close.repeat(depth)}`;
}

function chainOfRefs(length: number): string {
  const links = times(length, (n) => `"d${n}":{"$ref":"#/$defs/d${n + 1}"}`);
  return `{"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{${links},"d${length}":{"type":"string"}}}`;
}

/** Inlined it would be 2 to the power of `depth` schemas. */
function bombOfRefs(depth: number): string {
  const ref = (n: number) => `{"$ref":"#/$defs/d${n + 1}"}`;
  const defs = times(depth, (n) => `"d${n}":{"type":"object","properties":{"l":${ref(n)},"r":${ref(n)}}}`);
  return `{"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{${defs},"d${depth}":{"type":"object"}}}`;
}
