import { get } from './exchange.ts';
import { until } from './until.ts';

/** Resolves when every server behind the gateway has been listed. */
export async function allListed(url: string, withinMs?: number): Promise<void> {
  const isListed = async () => {
    const { text } = await get(url, '/ready');
    return (JSON.parse(text) as Ready).details.tools?.unlisted.length === 0;
  };
  await until('every server is listed', isListed, withinMs);
}

interface Ready {
  readonly details: { readonly tools?: { readonly unlisted: readonly string[] } };
}
