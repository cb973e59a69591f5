import type { Settings } from './settings.js';

/** What every document says of who stands behind it: its licence, and whom to ask. */
export function aboutOf({ publicUrl }: Pick<Settings, 'publicUrl'>) {
  return {
    license: { name: 'MIT', identifier: 'MIT' },
    contact: { name: 'The operators of this gateway', ...(publicUrl !== undefined && { url: publicUrl }) },
  };
}
