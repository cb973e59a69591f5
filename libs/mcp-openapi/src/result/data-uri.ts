/** What a data URI holds as base64 (RFC 2397); undefined for anything else, base64 by itself included. */
export function ofDataUri(text: string): { readonly mimeType: string; readonly data: string } | undefined {
  const [start, mimeType] = /^data:([\w.+-]{1,127}\/[\w.+-]{1,127})(?:;[\w.+-]{1,127}=[^,;]{0,127}){0,8};base64,/i.exec(text) ?? [];
  return start === undefined ? undefined : { mimeType: mimeType as string, data: text.slice(start.length) };
}
