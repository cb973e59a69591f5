import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { GatewayException } from '../errors/gateway.exception.js';
import { overloaded } from '../errors/gateway-errors.js';

/** The places of calls and streams in flight, MAX_CONNECTIONS of them. */
@Injectable()
export class CallSlots {
  private readonly max: number;
  private taken = 0;

  constructor(@Inject(SETTINGS) { maxConnections }: Pick<Settings, 'maxConnections'>) {
    this.max = maxConnections;
  }

  /** How many calls are in flight. */
  get inFlight(): number {
    return this.taken;
  }

  /** The 503 for a call while no place is free. */
  refusal(): GatewayException | undefined {
    if (this.taken < this.max) return undefined;
    const reason = `The gateway serves no more than ${this.max} calls at once (MAX_CONNECTIONS); the tool did not run.`;
    return overloaded({ reason, limit: this.max });
  }

  /** Takes a place until the answer is out or its reader gone. Throws a 503 when none is free. */
  take(response: ServerResponse): void {
    const refusal = this.refusal();
    if (refusal) throw refusal;
    this.taken += 1;
    response.once('close', () => (this.taken -= 1));
  }
}
