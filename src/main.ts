#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`mcpo-proxy needs Node 22.19 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // Else V8 makes objects in old space where some lived through a collection of the young ones: of every call a part, with all that hangs on it.
  setFlagsFromString('--no-allocation-site-pretenuring');
  // What V8 compiled is kept beside the program, where that can be written, and saves the next start a tenth of its time.
  module.enableCompileCache(fileURLToPath(new URL('../.compile-cache', import.meta.url)));
  const { run } = await import('./run.js');
  await run();
}
