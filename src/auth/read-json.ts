import { fetchThrough, type ProxySettings, readUpTo } from '@app/mcp-transport';

/** A key set or discovery document is a few kilobytes. */
const MAX_BYTES = 256 * 1024;
/** For the whole answer. */
const TIMEOUT_MS = 5_000;

/** The JSON at a URL. Throws, with a sentence without anything of the answer, unless it is there in time, of a sane size, and not elsewhere. */
export async function readJson(url: URL, proxies: ProxySettings | undefined): Promise<unknown> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetchThrough(url, { redirect: 'manual', signal, headers: { accept: 'application/json' } }, proxies);
  const tooLong = () => new Error(`more than ${MAX_BYTES} bytes`);
  const text = (await readUpTo(response.body, MAX_BYTES, tooLong)).toString();
  if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('no JSON');
  }
}
