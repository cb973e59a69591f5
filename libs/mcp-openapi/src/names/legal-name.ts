const LEGAL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const MAX_LENGTH = 64;

/** Is it an operationId that Open WebUI and the model providers take? */
export function isLegalName(name: string): boolean {
  return LEGAL_NAME.test(name);
}

/** `name` made legal: what is not allowed becomes `_`, what is too long is cut, and the suffix, a hash of `identity`, keeps it apart from its likes. */
export function hashedName(name: string, identity: string): string {
  const suffix = `_${hashOf(identity)}`;
  const plain = legalText(name.slice(0, 4 * MAX_LENGTH)).replace(/_+$/, '');
  return `${(plain || 'tool').slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
}

/** `text` with `_` for what no name may hold, and none in front. */
export function legalText(text: string): string {
  return text.replace(/[^a-zA-Z0-9_-]+/g, '_').replace(/^_+/, '');
}

/** Eight letters and digits that stand for `text`: two 32-bit FNV-1a style sums, mixed, of its UTF-16 code units. Not for secrets. */
function hashOf(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  const high = (a ^ (a >>> 16)) >>> 0;
  const low = (b ^ (b >>> 15)) >>> 0;
  return (high * 0x100000 + (low & 0xfffff)).toString(36).padStart(11, '0').slice(-8);
}
