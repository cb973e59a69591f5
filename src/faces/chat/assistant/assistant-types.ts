import type { McpTool } from '@app/mcp-openapi';
import type { TranslationSettings } from '../../../config/upstream-settings.js';

/** A tool that the caller may use, under its published name. */
export interface AssistantTool {
  readonly name: string;
  readonly server: string;
  readonly tool: McpTool;
  /** The hints of its server are believed. */
  readonly isTrusted: boolean;
  /** How calls of it are judged. */
  readonly judged: Pick<TranslationSettings, 'validation' | 'formats'>;
}

export interface AssistantMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface AssistantContext {
  /** The same array for the same tools: what is looked up in them hangs on it. */
  readonly tools: readonly AssistantTool[];
  readonly now: Date;
  /** By its IANA name: days are counted there. */
  readonly timeZone: string;
  /** The caller can be asked by Open WebUI's ask_user: questions leave out how to answer. */
  readonly canAsk: boolean;
}

/** What the assistant does next: says something, or runs a tool and then says what came of it. */
export type AssistantTurn =
  | { readonly kind: 'say'; readonly text: string }
  | {
      readonly kind: 'run';
      readonly name: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      /** What it says that it runs. */
      readonly text: string;
    };
