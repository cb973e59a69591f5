import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { modelFailed, modelNotFound } from '../openai-error.js';
import { type ListedModel, ModelProvider } from './model-provider.js';

/** Open WebUI waits 10 s for the list. */
const LIST_TIMEOUT_MS = 5_000;
/** A list is asked for anew after so long; after a failure, and for a model that is not in it, sooner. */
const FRESH_MS = 60_000;
const RETRY_MS = 5_000;

/** The model that needs no server: the gateway's own. */
const ASSISTANT = 'mcpo-assistant';

/** A model that a completion may name. */
export interface KnownModel extends ListedModel {
  /** Undefined for the assistant. */
  readonly provider: ModelProvider | undefined;
  /** As its server knows it. */
  readonly upstreamId: string;
}

interface ProviderList {
  readonly provider: ModelProvider;
  models: readonly ListedModel[] | undefined;
  /** `performance.now()` at the end of the last try. */
  triedAt: number;
  isFailing: boolean;
  asking: Promise<void> | undefined;
}

/** The models of all providers, and the assistant. A provider that cannot be asked keeps those that it listed last. */
@Injectable()
export class ModelList implements OnModuleDestroy {
  private readonly logger = new Logger('chat');
  private readonly lists: readonly ProviderList[];
  private readonly assistant: KnownModel;

  constructor(@Inject(SETTINGS) { chat }: Pick<Settings, 'chat'>) {
    this.lists = chat.providers.map((settings, at) => ({
      provider: new ModelProvider(settings, at + 1, chat.maxChats + 1),
      models: undefined,
      triedAt: -Infinity,
      isFailing: false,
      asking: undefined,
    }));
    const created = Math.floor(Date.now() / 1000);
    this.assistant = { id: ASSISTANT, name: undefined, created, ownedBy: 'mcpo-proxy', provider: undefined, upstreamId: ASSISTANT };
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.lists.map(({ provider }) => provider.close()));
  }

  /** All models; those whose id several have are `{n}.{id}`, by the number of their provider. */
  async all(): Promise<KnownModel[]> {
    for (const list of this.lists) this.refresh(list, FRESH_MS);
    // Who has a list already need not wait for a newer one.
    await Promise.all(this.lists.flatMap(({ models, asking }) => (models || !asking ? [] : [asking])));
    return this.known();
  }

  /** The model of this id, listed or with the number of its provider. Rejects with a 404, or with a 503 where it may be one of a provider that cannot be asked. */
  async find(id: string): Promise<KnownModel> {
    const known = this.named(id);
    if (known) return known;
    // It may be new.
    for (const list of this.lists) this.refresh(list, RETRY_MS);
    await Promise.all(this.lists.flatMap(({ asking }) => asking ?? []));
    const found = this.named(id);
    if (found) return found;
    const missing = this.lists.find(({ models }) => models === undefined);
    if (missing)
      throw modelFailed(
        `The models of provider ${missing.provider.number} are not known yet: it cannot be asked.`,
        503,
        'upstream_unavailable',
        '5',
      );
    throw modelNotFound(id);
  }

  private named(id: string): KnownModel | undefined {
    if (id === ASSISTANT) return this.assistant;
    for (const { provider, models } of this.lists) {
      const prefix = `${provider.number}.`;
      const plain = models?.find((model) => model.id === id);
      const own = plain ?? (id.startsWith(prefix) ? models?.find((model) => model.id === id.slice(prefix.length)) : undefined);
      if (own) return { ...own, id, provider, upstreamId: own.id };
    }
    return undefined;
  }

  private known(): KnownModel[] {
    const all = this.lists.flatMap(({ provider, models }) =>
      unique(models ?? []).map((model) => ({ ...model, provider, upstreamId: model.id })),
    );
    const owners = new Map<string, number>([[ASSISTANT, 1]]);
    for (const { id } of all) owners.set(id, (owners.get(id) ?? 0) + 1);
    const named = all.map((model) =>
      (owners.get(model.id) as number) > 1 ? { ...model, id: `${model.provider.number}.${model.id}` } : model,
    );
    return [this.assistant, ...named];
  }

  /** Asks for a list that is older. */
  private refresh(list: ProviderList, maxAgeMs: number): void {
    if (performance.now() - list.triedAt <= (list.isFailing ? RETRY_MS : maxAgeMs)) return;
    list.asking ??= this.ask(list).finally(() => (list.asking = undefined));
  }

  private async ask(list: ProviderList): Promise<void> {
    try {
      list.models = await list.provider.models(AbortSignal.timeout(LIST_TIMEOUT_MS));
      list.isFailing = false;
    } catch (error) {
      if (!list.isFailing) {
        const reason = list.provider.shown((error as Error).message).slice(0, 300);
        this.logger.warn({ msg: 'models cannot be listed', provider: list.provider.number, reason });
      }
      list.isFailing = true;
    }
    list.triedAt = performance.now();
  }
}

function unique(models: readonly ListedModel[]): ListedModel[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}
