import { parseSettings } from './settings.js';
import type { StartError } from './start-error.js';

describe('parseSettings', () => {
  const sentences = (args: string[], env: Record<string, string>) => {
    try {
      parseSettings(args, env);
    } catch (error) {
      return (error as StartError).sentences;
    }
    return undefined;
  };

  it('serves stdio from memory unless told otherwise, and takes empty variables for unset', () => {
    expect(parseSettings([], { PLANNER_PORT: '', PLANNER_DATA_FILE: ' ' })).toEqual({
      face: 'stdio',
      host: '127.0.0.1',
      port: 8000,
      isJsonResponse: false,
      allowedHosts: ['localhost', '127.0.0.1', '::1'],
      dataFile: undefined,
      executionsFile: undefined,
      rateLimit: undefined,
      isTokenRequired: false,
    });
  });

  it('reads every variable', () => {
    const env = {
      PLANNER_HOST: '0.0.0.0',
      PLANNER_PORT: '0',
      PLANNER_JSON_RESPONSES: 'true',
      PLANNER_ALLOWED_HOSTS: 'planner.example, Planner-MCP-Server',
      PLANNER_DATA_FILE: '/data/planner.json',
      PLANNER_EXECUTIONS_FILE: '/data/executions.jsonl',
      PLANNER_RATE_LIMIT: '60',
      PLANNER_REQUIRE_TOKEN: 'true',
    };
    expect(parseSettings(['--http'], env)).toEqual({
      face: 'http',
      host: '0.0.0.0',
      port: 0,
      isJsonResponse: true,
      allowedHosts: ['localhost', '127.0.0.1', '::1', 'planner.example', 'planner-mcp-server'],
      dataFile: '/data/planner.json',
      executionsFile: '/data/executions.jsonl',
      rateLimit: 60,
      isTokenRequired: true,
    });
  });

  it('checks no host names on a wildcard address without a list', () => {
    expect(parseSettings(['--http'], { PLANNER_HOST: '0.0.0.0' }).allowedHosts).toBeUndefined();
  });

  it('names everything that is wrong at once', () => {
    const env = { PLANNER_PORT: '65536', PLANNER_RATE_LIMIT: '0', PLANNER_JSON_RESPONSES: 'yes', PLANNER_REQUIRE_TOKEN: 'true' };
    expect(sentences(['--htp'], env)).toEqual([
      '--htp: unknown argument, the only one is --http',
      'PLANNER_REQUIRE_TOKEN: stdio has no headers to carry a token, start with --http',
      'PLANNER_PORT: must be an integer from 0 to 65535',
      'PLANNER_JSON_RESPONSES: must be true or false',
      'PLANNER_RATE_LIMIT: must be an integer from 1 to 100000',
    ]);
  });
});
