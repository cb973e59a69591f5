import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { getStorageToken } from '@nestjs/throttler';
import { AuthGuard } from '../src/faces/http/auth/auth.guard.js';
import { SocketGateway } from '../src/faces/ws/socket.gateway.js';
import { AuthService } from '../src/auth/auth.service.js';
import { CorrelationInterceptor } from '../src/faces/http/correlation.interceptor.js';
import { Discovery } from '../src/discovery/discovery.service.js';
import { CallGuard } from '../src/faces/http/calls/call.guard.js';
import { McpErrorInterceptor } from '../src/faces/http/calls/mcp-error.interceptor.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { CallMetrics } from '../src/metrics/call-metrics.js';
import { ToolCallService } from '../src/call/tool-call.service.js';
import { ToolsController } from '../src/faces/http/calls/tools.controller.js';
import { MemoryStorage } from '../src/throttler/memory.storage.js';
import { ToolDocuments } from '../src/translation/tool-documents.service.js';
import { startGatewayHere } from './support/gateway.js';

describe('the repository', () => {
  it('[C2] has its top level', () => {
    const names = [
      'src',
      'test',
      'apps',
      'libs',
      'nest-cli.json',
      'Dockerfile',
      'docker-compose.yml',
      'package.json',
      'tsconfig.json',
      'README.md',
    ];
    expect(names.filter((name) => !existsSync(name))).toEqual([]);
  });

  it('[C1] uses each package of the stack that is built so far', () => {
    const { status, stdout } = spawnSync(process.execPath, ['tools/check-card.ts'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).not.toContain('NOT USED');
  });

  it('installs without naming a registry', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved": "http/);
  });

  it('[T1] asks for 85 % of the translation covered', () => {
    const { coverageThreshold } = JSON.parse(readFileSync('jest.config.json', 'utf8')) as {
      coverageThreshold: Record<string, Record<string, number>>;
    };
    for (const folder of ['./libs/mcp-openapi/src/', './src/translation/', './src/call/', './src/faces/http/']) {
      expect([folder, Math.min(...Object.values(coverageThreshold[folder] ?? { none: 0 })) >= 85]).toEqual([folder, true]);
    }
  });
});

describe('the gateway', () => {
  it('[C3] is made of injected modules, with guards and interceptors in the pipeline', async () => {
    const gateway = await startGatewayHere({ MCP_SERVER_URL: 'http://127.0.0.1:9/mcp' });
    for (const provider of [McpClient, Discovery, ToolDocuments, ToolCallService, SocketGateway, AuthService, CallMetrics]) {
      expect(gateway.app.get(provider, { strict: false })).toBeInstanceOf(provider);
    }
    expect(gateway.app.get(ToolsController, { strict: false })).toBeInstanceOf(ToolsController);
    const metadata = (key: string) => Reflect.getMetadata(key, ToolsController) as unknown;
    expect(metadata('__guards__')).toEqual([CallGuard]);
    expect(Object.getPrototypeOf(CallGuard)).toBe(AuthGuard);
    expect(metadata('__interceptors__')).toEqual([CorrelationInterceptor, McpErrorInterceptor]);
    expect(gateway.app.get(getStorageToken(), { strict: false })).toBeInstanceOf(MemoryStorage);
    await gateway.close();
  });
});
