export { canonicalText } from './canonical-text.js';
export { duplicateKeyAt } from './duplicate-key-at.js';
export { exceeds, exceedsDepth } from './exceeds-depth.js';
export type { JsonText } from './json-text.js';
export { joined, type JsonPiece, LongJson, quoted } from './long-json.js';
export { elementTexts, memberText, topLevelMembers, uniqueMemberText } from './member-text.js';
export { isJsonText, syntaxErrorAt } from './syntax-error-at.js';
