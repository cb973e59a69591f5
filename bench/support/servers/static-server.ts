/** Serves the file whose path it is given: at /file as Express serves static files, at /memory from node:http with nothing else done. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import express from 'express';
import { listen } from './listen.ts';

const file = path.resolve(process.argv[2] as string);
const bytes = readFileSync(file);
const app = express().disable('x-powered-by');
app.use('/file', express.static(path.dirname(file)));

const server = createServer((request, response) => {
  if (request.url !== '/memory') return void app(request, response);
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': bytes.length }).end(bytes);
});
listen(server);
