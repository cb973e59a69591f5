/** Who calls, as every face knows them. */
export interface Principal {
  readonly id: string;
  readonly role: string;
}

/** A caller who showed no credentials. */
export const ANONYMOUS: Principal = Object.freeze({ id: 'anonymous', role: 'anonymous' });
