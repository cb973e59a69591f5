import { Inject, Injectable } from '@nestjs/common';
import { causeOf, fetchThrough, isUnreachable, readUpTo } from '@app/mcp-transport';
import { OpenWebUiRequests } from '../auth/open-webui-requests.service.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { isOld, toSeconds } from './age.js';
import type { HealthPart } from './health-report.js';

/** `{"status": true}` is short. */
const MAX_BYTES = 4_096;

/** Undefined `problem`: it is well. */
interface Result {
  readonly at: number;
  readonly problem: string | undefined;
}

/** Whether Open WebUI is well, as its own `/health` said last; where nobody said where it is, when a request of its came last. */
@Injectable()
export class OpenWebUiCheck {
  private last: Result | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'openWebUi'>,
    private readonly requests: OpenWebUiRequests,
  ) {}

  /** Resolves in `ms` at the latest. No answer by then is no result. */
  async run(ms: number): Promise<void> {
    const { openWebUi } = this.settings;
    if (!openWebUi) return;
    const url = new URL(`${openWebUi.url}/health`);
    try {
      const signal = AbortSignal.timeout(ms);
      const response = await fetchThrough(url, { redirect: 'manual', signal, headers: { accept: 'application/json' } }, openWebUi.proxies);
      this.note(await problemOf(response));
    } catch (error) {
      if (isUnreachable(error)) this.note(`It cannot be reached: ${causeOf(error)}`);
    }
  }

  part(): HealthPart {
    const last_request_at = this.requests.lastAt?.toISOString() ?? null;
    if (!this.settings.openWebUi) return { last_request_at, status: 'not_configured' };
    if (!this.last) return { age_seconds: null, last_request_at, status: 'unknown' };
    const { at, problem } = this.last;
    const ageMs = performance.now() - at;
    const known = { age_seconds: toSeconds(ageMs), last_request_at, ...(problem !== undefined && { reason: problem }) };
    return { ...known, status: isOld(ageMs) ? 'unknown' : problem === undefined ? 'up' : 'down' };
  }

  private note(problem: string | undefined): void {
    this.last = { at: performance.now(), problem };
  }
}

async function problemOf(response: Response): Promise<string | undefined> {
  const text = (await readUpTo(response.body, MAX_BYTES)).toString();
  if (response.status !== 200) return `It answered HTTP ${response.status}.`;
  return /"status"\s*:\s*true/.test(text) ? undefined : 'What answers there is not Open WebUI: see OPENWEBUI_URL.';
}
