import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ResponseBody } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { dependsOnCaller } from '../../../config/callers/tool-rights.js';
import { CallerCatalogs } from '../../../discovery/callers/caller-catalogs.service.js';
import { PromiseInterceptor } from '../../../http/framework/promise-interceptor.js';
import type { HttpRequest } from '../http-request.js';
import type { CachedDocument } from '../../../translation/cached-document.js';

/** Serves a cached document: 304 to who has it already, gzip to who asks for it; in private where callers see different ones. */
@Injectable()
export class DocumentInterceptor extends PromiseInterceptor<CachedDocument, ResponseBody> {
  private readonly isPrivate: boolean;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly callerCatalogs: CallerCatalogs,
  ) {
    super();
    this.isPrivate = dependsOnCaller(settings);
  }

  override async run(execution: ExecutionContext, next: () => Promise<CachedDocument>): Promise<ResponseBody> {
    const http = execution.switchToHttp();
    const request = http.getRequest<Request & HttpRequest>();
    const response = http.getResponse<Response>();
    const before = this.callerCatalogs.distinguishing;
    const served = await serve(await next(), request, response);
    if (request.showsStaleTools) response.setHeader('X-Cache', 'stale');
    const distinguishing = before ?? this.callerCatalogs.distinguishing;
    if (!this.isPrivate && !distinguishing) return served;
    response.vary(['Authorization', ...(distinguishing ?? [])].join(', '));
    return { ...served, headers: { ...served.headers, 'Cache-Control': 'private, no-cache' } };
  }
}

async function serve(document: CachedDocument, request: Request, response: Response): Promise<ResponseBody> {
  const isCompressed = request.acceptsEncodings('gzip', 'identity') === 'gzip';
  const headers: Record<string, string> = {
    ETag: isCompressed ? document.gzipEtag : document.etag,
    'Cache-Control': 'no-cache',
  };
  // Beside the Origin that CORS may have put there.
  response.vary('Accept-Encoding');
  if (matches(request.headers['if-none-match'], document)) {
    response.status(304);
    return { contentType: JSON_TYPE, body: '', headers };
  }
  if (!isCompressed) return { contentType: JSON_TYPE, body: document.bytes, headers };
  return { contentType: JSON_TYPE, body: await document.gzipped(), headers: { ...headers, 'Content-Encoding': 'gzip' } };
}

/** RFC 9110 13.1.2, by weak comparison. */
function matches(header: string | undefined, { etag, gzipEtag }: CachedDocument): boolean {
  const given = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return given.some((tag) => tag === etag || tag === gzipEtag || tag === '*');
}

const JSON_TYPE = 'application/json; charset=utf-8';
