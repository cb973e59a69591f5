/** `npm run verify` sets it: drills then take their long form, which takes too long for every change. */
const IS_LONG = process.env['LONG_DRILLS'] === 'true';

/** What a drill is to use: the first in `npm test`, the second in its long form. */
export function drill<T>(short: T, long: T): T {
  return IS_LONG ? long : short;
}
