import { get } from './exchange.ts';
import { until } from './until.ts';

/** Resolves when every server behind the gateway has been listed. */
export async function allListed(url: string): Promise<void> {
  await until('every server is listed', async () => {
    const { text } = await get(url, '/ready');
    return (JSON.parse(text) as Ready).details.tools?.unlisted.length === 0;
  });
}

interface Ready {
  readonly details: { readonly tools?: { readonly unlisted: readonly string[] } };
}
