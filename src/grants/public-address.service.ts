import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AddressInfo } from 'node:net';
import { publicBase } from '../config/network/public-base.js';
import { SETTINGS, type Settings } from '../config/settings.js';

/** Where browsers find the gateway: PUBLIC_URL, else the port of this machine that it listens on. */
@Injectable()
export class PublicAddress {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Of a path below it. */
  of(path: string): string {
    const base = publicBase(this.settings);
    return this.settings.publicUrl === undefined ? `${this.origin}${base}${path}` : `${base}${path}`;
  }

  get isSecure(): boolean {
    return this.of('').startsWith('https:');
  }

  private get origin(): string {
    const server = (this.host.httpAdapter as { getHttpServer(): { address(): AddressInfo | null } } | null)?.getHttpServer();
    const port = server?.address()?.port ?? this.settings.port;
    return `${this.settings.tls ? 'https' : 'http'}://localhost:${port}`;
  }
}
