import type { Response } from 'express';

/** Nothing of it is cached, framed or told to whom it links to, and nothing in it runs. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  // With `no-referrer` browsers send the form as from nowhere (`Origin: null`), which is refused.
  'Referrer-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
} as const;

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}';

/** Answers a browser with a page of plain sentences, and a form where there is one to send. */
export function page(response: Response, status: number, title: string, sentences: readonly string[], form = ''): void {
  const text = sentences.map((sentence) => `<p>${escaped(sentence)}</p>`).join('');
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style><h1>${escaped(title)}</h1>${text}${form}</html>`;
  response.status(status).set(HEADERS).end(html);
}

/** As it may stand in HTML. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
