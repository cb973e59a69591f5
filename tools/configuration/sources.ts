import { registerHooks } from 'node:module';

/*
 * The settings as their own sources have them, without a build: Node runs TypeScript, but takes `./x.js` for a file of that name.
 */
registerHooks({
  resolve: (name, context, next) => next(isOurs(name, context.parentURL) ? name.replace(/\.js$/, '.ts') : name, context),
});

function isOurs(name: string, importer = ''): boolean {
  return name.startsWith('.') && importer.includes('/src/') && !importer.includes('/node_modules/');
}

export const { FLAGS } = await import('../../src/cli/flags.ts');
export const { FLAG_DESCRIPTIONS } = await import('../../src/cli/flag-descriptions.ts');
export const { ENVIRONMENT } = await import('../../src/config/environment.ts');
export const { ENVIRONMENT_DESCRIPTIONS } = await import('../../src/config/environment-descriptions.ts');
export const { SERVER_DESCRIPTIONS } = await import('../../src/config/servers/server-descriptions.ts');
