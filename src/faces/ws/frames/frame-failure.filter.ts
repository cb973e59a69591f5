import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { Connections } from '../connections.service.js';
import { legalIdOf, type ReadFrame } from './inbound-frame.js';

/** Has every failure of a frame told on its socket. */
@Catch()
@Injectable()
export class FrameFailureFilter implements ExceptionFilter {
  constructor(private readonly connections: Connections) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const socket = host.switchToWs().getClient<WebSocket>();
    const { value } = host.switchToWs().getData<ReadFrame>();
    this.connections.of(socket)?.fail(error, legalIdOf(value));
  }
}
