const times = (count: number, write: (n: number) => string, separator = ',') =>
  Array.from({ length: count }, (_, n) => write(n)).join(separator);
const object = (properties: string) => `{"type":"object","properties":{${properties}}}`;
const nested = (open: string, close: string) => `${open.repeat(10_000)}{"type":"string"}${close.repeat(10_000)}`;

/** A tool as a server writes it. */
export const toolOf = (name: string, schema: string) => `{"name":"${name}","description":"Tool ${name}.","inputSchema":${schema}}`;

/** Of about a megabyte each: what there is much of, and the schema. */
export const MEGABYTES: readonly (readonly [string, string])[] = [
  ['properties', object(times(12_000, (n) => `"property_${n}":{"type":"string","description":"Property ${n}, which does something."}`))],
  [
    'unions',
    object(
      times(
        6_000,
        (n) =>
          `"p${n}":{"anyOf":[{"enum":["a","b${n}"]},{"type":"integer","minimum":${n}},{"type":"null"}],"description":"Union ${n}, which ${'x'.repeat(50)}"}`,
      ),
    ),
  ],
  [
    'references',
    `{"type":"object","properties":{${times(4_000, (n) => `"p${n}":{"$ref":"#/$defs/d${n}"}`)}},"$defs":{${times(4_000, (n) => `"d${n}":{"type":"object","properties":{"a":{"$ref":"#/$defs/d${(n * 7 + 1) % 4_000}"},"b":{"type":"array","items":{"$ref":"#/$defs/d${(n * 3 + 2) % 4_000}"}}},"description":"Definition ${n} of many, in words."}`)}}}`,
  ],
  [
    'variants',
    `{"oneOf":[${times(90, (n) => object(times(160, (k) => `"k${n}_${k}":{"type":"string","description":"The property ${k} of the variant ${n}."}`)))}]}`,
  ],
  ['required names', `{"type":"object","required":[${times(100_000, (n) => `"r${n}"`)}]}`],
  ['values', object(`"a":{"type":"string","enum":[${times(80_000, (n) => `"value-${n}"`)}]}`)],
  ['a pattern', object(`"a":{"type":"string","pattern":"^(${times(150_000, (n) => `w${n}`, '|')})$"}`)],
  ['a description', object(`"a":{"type":"string","description":"${'word '.repeat(200_000)}"}`)],
];

/** Ten thousand levels deep: what is in each other, and the schema. */
export const DEPTHS: readonly (readonly [string, string])[] = [
  ['objects', nested('{"type":"object","properties":{"a":', '}}')],
  ['lists', object(`"a":${nested('{"type":"array","items":', '}')}`)],
  ['unions', object(`"a":${nested('{"anyOf":[{"type":"integer"},', ']}')}`)],
  ['conjunctions', object(`"a":${nested('{"allOf":[', ']}')}`)],
];

const property = (n: number) => `"a${n || ''}":{"type":["integer","null"],"minimum":${n},"description":"Property ${n} of a tool."}`;

/** A thousand tools of fifteen properties each, called `tool_0` to `tool_999`. */
export const THOUSAND_TOOLS: readonly string[] = Array.from({ length: 1_000 }, (_, n) =>
  toolOf(`tool_${n}`, `{"type":"object","properties":{${times(15, property)}},"additionalProperties":false}`),
);

/** As large as a schema may be that is enforced in full. */
export const LARGEST_COMPILED = object(times(195, (n) => `"a${n || ''}":{"type":"string"}`));

/** As many as a server may list: `tool_0` to `tool_19999`, every tenth under a name that cannot be published as it is. */
export const TWENTY_THOUSAND_TOOLS: readonly string[] = Array.from({ length: 20_000 }, (_, n) =>
  toolOf(n % 10 === 9 ? `tool ${n}` : `tool_${n}`, object(`"a":{"type":"string","description":"Property of tool ${n}."}`)),
);
