import type { StdioServerSettings } from '@app/mcp-transport';

const DEFAULT_MS = 60_000;
/** A download may take minutes. */
const DOWNLOAD_MS = 300_000;
/** Programs that download a server before they run it first. */
const DOWNLOADERS = new Set(['npx', 'uvx', 'bunx', 'pnpx', 'pipx']);

type StartTimeouts = Required<Pick<StdioServerSettings, 'startTimeoutMs' | 'firstStartTimeoutMs'>>;

/** How long starts of this program may take. `given`: what the settings say of all of them. */
export function startTimeouts(command: string, given: number | undefined): StartTimeouts {
  if (given !== undefined) return { startTimeoutMs: given, firstStartTimeoutMs: given };
  return { startTimeoutMs: DEFAULT_MS, firstStartTimeoutMs: mayDownload(command) ? DOWNLOAD_MS : DEFAULT_MS };
}

/** Whether a program is one of these, wherever it is and whatever its file is called in full. */
export function mayDownload(command: string): boolean {
  const [name = ''] = (command.split(/[/\\]/).at(-1) ?? '').split('.');
  return DOWNLOADERS.has(name.toLowerCase());
}
