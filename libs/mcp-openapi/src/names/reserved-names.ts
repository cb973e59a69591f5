/** Names that Open WebUI 0.12 handles itself, whoever owns the tool. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'ask_user',
  'delegate_task',
  'search_tools',
  'call_tool',
  'display_file',
  'write_file',
  'replace_file_content',
  'run_command',
  'read_user_terminal',
  'send_user_terminal_input',
  'fetch_url',
  'view_file',
  'view_knowledge_file',
  'query_knowledge_files',
  'query_chat_files',
]);

/** Would Open WebUI take a call of this name for one of its own? */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.has(name);
}
