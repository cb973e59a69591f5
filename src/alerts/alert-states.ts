import type { AlertChange, AlertName } from './alert.js';

/** A look at what an alert is about. */
export interface Look {
  readonly alert: AlertName;
  readonly server?: string;
  /** Whether it is so now; undefined where nobody knows, which changes nothing. */
  readonly isSo: boolean | undefined;
  readonly textWhenFiring: string;
  readonly textWhenResolved: string;
  /** So many looks in a row begin it; one unless said otherwise. */
  readonly looksToFire?: number;
}

/** So many looks in a row end it: what comes and goes is one alert. */
const LOOKS_TO_RESOLVE = 2;

interface Known {
  readonly last: Look;
  /** Undefined while it does not fire. */
  readonly since: Date | undefined;
  /** Looks in a row that say the contrary. */
  readonly contrary: number;
}

/** Which alerts fire: each is told when it begins and when it ends, and not meanwhile. */
export class AlertStates {
  private readonly known = new Map<string, Known>();

  /** All looks of one time; gives what changed. An alert that is not among them any more is over. */
  take(looks: readonly Look[]): AlertChange[] {
    const changes = looks.flatMap((look) => this.note(look) ?? []);
    const keys = new Set(looks.map(keyOf));
    const gone = [...this.known].filter(([key]) => !keys.has(key));
    for (const [key] of gone) this.known.delete(key);
    return [...changes, ...gone.flatMap(([, { last, since }]) => (since ? [changeTo('resolved', last, since)] : []))];
  }

  private note(look: Look): AlertChange | undefined {
    const { since, contrary } = this.known.get(keyOf(look)) ?? { since: undefined, contrary: 0 };
    if (look.isSo === undefined) return this.keep(look, since, contrary);
    const count = look.isSo === (since === undefined) ? contrary + 1 : 0;
    if (since === undefined && count >= (look.looksToFire ?? 1)) {
      const now = new Date();
      this.keep(look, now, 0);
      return changeTo('firing', look, now);
    }
    if (since !== undefined && count >= LOOKS_TO_RESOLVE) {
      this.keep(look, undefined, 0);
      return changeTo('resolved', look, since);
    }
    return this.keep(look, since, count);
  }

  private keep(last: Look, since: Date | undefined, contrary: number): undefined {
    this.known.set(keyOf(last), { last, since, contrary });
    return undefined;
  }
}

function keyOf({ alert, server }: Look): string {
  return `${alert} ${server ?? ''}`;
}

function changeTo(state: AlertChange['state'], look: Look, since: Date): AlertChange {
  const text = state === 'firing' ? look.textWhenFiring : look.textWhenResolved;
  return { alert: look.alert, state, server: look.server, text, since };
}
