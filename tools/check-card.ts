import { globSync, readFileSync } from 'node:fs';

/** Prints which production files import each package of the stack that the product was asked to use; fails for one that none does. */
const CARD = [
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  '@nestjs/platform-ws',
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@nestjs/throttler',
  '@willsoto/nestjs-prometheus',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/client',
  'class-validator',
  'cache-manager',
  'cache-manager-redis-yet',
];
const sources = globSync('{src,libs,apps}/**/*.ts')
  .filter((file) => !/\.(e2e-)?spec\.ts$|\/test\//.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const importersOf = (name: string) =>
  sources.filter(({ text }) => new RegExp(`(?:from |await import\\()'${name}(/[^']*)?'`).test(text)).map(({ file }) => file);

for (const name of CARD) {
  const importers = importersOf(name);
  console.log(`${name.padEnd(30)} ${importers.length === 0 ? 'NOT USED' : importers.join(' ')}`);
  if (importers.length === 0) process.exitCode = 1;
}
