/** Members by which careless programs are made to change the prototype of all objects. */
const PROTOTYPE_KEYS = /"__proto__"\s*:|"constructor"\s*:\s*\{\s*"prototype"\s*:/;
const ESCAPED_ASCII = /\\u00([0-7][\da-f])/gi;

/** Whether a JSON text has them. Here they are data like any other; nobody sends them by mistake. */
export function hasPrototypeKeys(bytes: Buffer): boolean {
  const isEscaped = bytes.includes('\\u00');
  if (!isEscaped && !bytes.includes('__proto__') && !bytes.includes('prototype')) return false;
  const text = bytes.toString('latin1');
  return PROTOTYPE_KEYS.test(isEscaped ? text.replace(ESCAPED_ASCII, (_, code: string) => String.fromCharCode(parseInt(code, 16))) : text);
}
