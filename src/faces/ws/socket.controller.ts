import { Controller, Get } from '@nestjs/common';
import { GatewayException } from '../../errors/gateway.exception.js';
import { Documented } from '../../http/documents/documented.decorator.js';
import { SOCKET_PATH } from './socket-path.js';

/** What is answered where a socket is meant and a plain request comes, from a person or through a proxy that passes no upgrades on. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller(SOCKET_PATH)
export class SocketController {
  @Get()
  refuse(): never {
    throw new GatewayException(426, { type: 'request_error', message: MESSAGE }, { Upgrade: 'websocket', Connection: 'Upgrade' });
  }
}

const MESSAGE = 'This is a WebSocket: open it as one. A proxy in front must pass the headers Upgrade and Connection on.';
