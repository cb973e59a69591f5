import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' | 'major' }) => void;

let collect: Collect | undefined;

/** Has V8 collect what is garbage of its young generation, which takes milliseconds. */
export function collectYoungGarbage(): void {
  collectorOfV8()({ type: 'minor' });
}

/** Has V8 collect all that is garbage: a tenth of a second where much is alive. */
export function collectAllGarbage(): void {
  collectorOfV8()({ type: 'major' });
}

function collectorOfV8(): Collect {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}
