import { Pool, type Dispatcher } from 'undici';
import { isJsonObject } from '@app/mcp-openapi';
import { causeOf, proxyFor, shownProxy, throughProxy } from '@app/mcp-transport';
import type { ModelProviderSettings } from '../../../config/settings.js';
import { modelFailed } from '../openai-error.js';
import { MAX_ERROR_BYTES, readBounded } from './read-bounded.js';
import { refusalToError, withoutKey } from './refusal-to-error.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** A list of models. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;
const MAX_MODELS = 10_000;
const MAX_ID_LENGTH = 256;

/** A model as its server lists it. */
export interface ListedModel {
  readonly id: string;
  readonly name: string | undefined;
  readonly created: number;
  readonly ownedBy: string;
}

/** One OpenAI-compatible server. Redirects are not followed: its key goes nowhere else. */
export class ModelProvider {
  private readonly dispatcher: Dispatcher;
  private readonly basePath: string;

  constructor(
    private readonly settings: ModelProviderSettings,
    /** From 1, in the order of the settings. */
    readonly number: number,
    connections: number,
  ) {
    const url = new URL(settings.url);
    const options = { connections, connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: 0, bodyTimeout: 0 };
    const proxy = proxyFor(url, settings.proxies);
    this.dispatcher = proxy ? throughProxy(proxy, options) : new Pool(url.origin, options);
    this.basePath = url.pathname.replace(/\/+$/, '');
  }

  /** The models that it lists; rejects where it lists none that can be read. */
  async models(signal: AbortSignal): Promise<ListedModel[]> {
    const response = await this.request('GET', '/models', undefined, signal);
    const listed: unknown = JSON.parse((await readBounded(response.body, MAX_LIST_BYTES)).toString());
    const models = isJsonObject(listed) ? listed['data'] : undefined;
    if (!Array.isArray(models)) throw new Error('It lists no models.');
    return models.slice(0, MAX_MODELS).flatMap(toListedModel);
  }

  /** The answer to a completion, whose body has yet to be read. Rejects with what its caller is told where there is none. */
  complete(body: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return this.request('POST', '/chat/completions', body, signal);
  }

  /** What it says, without its key, which servers like to repeat. */
  shown(text: string): string {
    return withoutKey(text, this.settings.key);
  }

  close(): Promise<void> {
    return this.dispatcher.destroy();
  }

  private async request(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const response = await this.send(method, path, body, signal);
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const text = (await readBounded(response.body, MAX_ERROR_BYTES, 'cut').catch(() => Buffer.alloc(0))).toString();
    const retryAfter = response.headers['retry-after'];
    throw refusalToError(response.statusCode, this.shown(text), typeof retryAfter === 'string' ? retryAfter : undefined);
  }

  private async send(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { url, key, proxies } = this.settings;
    const headers = {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    try {
      const { origin } = new URL(url);
      return await this.dispatcher.request({ origin, path: `${this.basePath}${path}`, method, headers, body, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const proxy = proxyFor(new URL(url), proxies);
      const way = proxy ? ` through ${shownProxy(proxy)}` : '';
      throw modelFailed(`The model's server cannot be reached${way}: ${this.shown(causeOf(error))}.`, 502, 'upstream_unavailable');
    }
  }
}

function toListedModel(model: unknown): ListedModel[] {
  if (!isJsonObject(model)) return [];
  const { id, name, created, owned_by: ownedBy } = model;
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH) return [];
  return [
    {
      id,
      name: typeof name === 'string' ? name.slice(0, MAX_ID_LENGTH) : undefined,
      created: Number.isSafeInteger(created) ? (created as number) : 0,
      ownedBy: typeof ownedBy === 'string' ? ownedBy.slice(0, MAX_ID_LENGTH) : 'unknown',
    },
  ];
}
