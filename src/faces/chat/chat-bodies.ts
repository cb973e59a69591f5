import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import type { GatewayException } from '../../errors/gateway.exception.js';
import { overloaded } from '../../errors/gateway-errors.js';
import { BodyReader } from '../../http/body/body-reader.js';
import { readJson } from '../../http/body/json-body.js';
import { BodyMemory } from '../../http/body/partial-body.js';
import { type Completion, readCompletion } from './completion.js';
import type { ChatRequest } from './chat-request.js';
import { invalidRequest } from './openai-error.js';

/** Bodies of all completions in flight together: each is held, parsed, until its completion has ended. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;

/** Reads the bodies of completions, which may be larger than those of calls. */
@Injectable()
export class ChatBodies {
  private readonly reader: BodyReader;
  private readonly held = new BodyMemory(MAX_HELD_BYTES);

  constructor(@Inject(SETTINGS) { chat }: Pick<Settings, 'chat'>) {
    this.reader = new BodyReader(chat.maxBodyBytes);
  }

  /** What is wrong with a body, as far as its headers tell. */
  refusalOf(request: ChatRequest): GatewayException | undefined {
    return this.reader.refusalOf(request);
  }

  /** The completion that a body asks for. Rejects with a 400, 413, 415 or 503. */
  async read(request: ChatRequest, response: Response): Promise<Completion> {
    const bytes = await this.reader.read(request);
    if (response.destroyed || !this.held.take(bytes.length))
      throw overloaded('The gateway holds as many conversations as it has memory for.');
    response.once('close', () => this.held.release(bytes.length));
    return readCompletion(objectIn(bytes));
  }
}

function objectIn(bytes: Buffer): JsonObject {
  const { value } = bytes.length === 0 ? { value: undefined } : readJson(bytes);
  if (!isJsonObject(value)) throw invalidRequest('Send a JSON object with `model` and `messages`.');
  return value;
}
