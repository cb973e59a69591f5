import { plainText } from '@app/mcp-openapi';

const MAX_SHOWN = 200;

/** Why a redirect is not followed, and what to do, in words; undefined for other statuses. What follows the path may be a secret. */
export function redirectProblem(status: number, location: string | undefined, from: string): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const target = URL.parse(location, from);
  if (!target) return 'it redirects to what is no URL';
  const shown = plainText(target.origin + target.pathname, MAX_SHOWN);
  const where = target.origin === new URL(from).origin ? shown : `${shown}, another origin`;
  return `it redirects to ${where}, which is not followed. If it is right, say that URL`;
}
