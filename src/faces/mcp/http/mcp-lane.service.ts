import { Inject, Injectable } from '@nestjs/common';
import { elementTexts, isJsonObject } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { BodyReader } from '../../../http/body/body-reader.js';
import { readJson } from '../../../http/body/json-body.js';
import { eraOf } from '../rpc/era.js';
import { CODE, kindOf, NO_MESSAGE, type RpcId, toRequest } from '../rpc/rpc.js';
import { Gate } from './gate.service.js';
import { LegacyPosts } from './legacy-post.service.js';
import type { McpRequest } from './mcp-request.js';
import { ModernPosts } from './modern-post.service.js';
import { HttpRefused, writeRefusal } from './rpc-refusal.js';
import { Standing } from './standing.service.js';

/** What comes to `/mcp` and `/mcp/{server}` by HTTP: writes every answer, failures too, and needs nothing of the framework. */
@Injectable()
export class McpLane {
  /** The paths of the controller's routes. */
  static readonly paths = ['/mcp', '/mcp/:server'] as const;
  private readonly bodies: BodyReader;

  constructor(
    private readonly gate: Gate,
    private readonly legacy: LegacyPosts,
    private readonly modern: ModernPosts,
    private readonly standing: Standing,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.bodies = new BodyReader(settings.maxBodyBytes);
  }

  /** Never rejects. */
  async handle(request: McpRequest): Promise<void> {
    try {
      const entering = this.gate.enter(request);
      if (entering) await entering;
      if (request.method === 'POST') await this.post(request);
      else if (request.method === 'GET') this.standing.open(request);
      else this.standing.end(request);
    } catch (error) {
      writeRefusal(request, error);
    }
  }

  private async post(request: McpRequest): Promise<void> {
    const refusal = this.bodies.refusalOf(request);
    if (refusal) throw refusal;
    const body = await this.bodies.read(request);
    if (body.length === 0) throw new HttpRefused(400, { code: CODE.parseError, message: 'Parse error: the body is empty' });
    const { text, value } = readJson(body);
    const era = eraOf(value, request.headers);
    if ('refused' in era) throw new HttpRefused(statusOf(era.refused.code), era.refused, idOf(value));
    if (era.era === 'legacy') return this.legacy.answer(request, value, text, () => elementTexts(text));
    const kind = kindOf(value);
    if (!kind || !isJsonObject(value)) throw new HttpRefused(400, NO_MESSAGE);
    if (kind !== 'request') return void request.res?.writeHead(202, { 'Content-Length': '0' }).end();
    await this.modern.answer(request, toRequest(value, text), era.meta);
  }
}

function statusOf(code: number): number {
  return code === CODE.methodNotFound ? 404 : 400;
}

function idOf(message: unknown): RpcId | undefined {
  const id = isJsonObject(message) ? message['id'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
