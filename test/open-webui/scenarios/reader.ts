import assert from 'node:assert/strict';
import { loadCorpus, toolsText } from '../../support/schemas/corpus.ts';
import { cleanParameters, convertOpenApiToToolPayload, type JsonMap } from '../../support/schemas/open-webui-reader.ts';
import { startGateway } from '../../support/processes.ts';
import { listAsWritten, RawMcpServer } from '../../support/raw-mcp-server.ts';
import { until } from '../../support/until.ts';
import { convertByOpenWebUi } from '../convert.ts';
import type { Scenario } from '../scenario.ts';

export const reader: Scenario = {
  title: '[AC1] [AC7] the corpus: every tool is read by Open WebUI as the tests elsewhere believe it is',
  async run() {
    const tools = loadCorpus().flatMap((file) => file.tools);
    const documentText = await documentOf(toolsText(tools), tools.length);
    const { fetched, cleaned } = await convertByOpenWebUi(documentText);

    const expected = convertOpenApiToToolPayload(JSON.parse(documentText) as JsonMap);
    assert.equal(fetched.length, tools.length);
    assert.equal(cleaned.length, expected.length);
    for (const [index, tool] of expected.entries()) {
      assert.deepEqual(fetched[index], tool);
      assert.deepEqual(cleaned[index], { ...tool, parameters: cleanParameters(tool.parameters) });
      const names = Object.keys(cleaned[index]?.parameters['properties'] as object);
      assert.deepEqual(names, Object.keys(tool.parameters['properties'] as object));
    }
  },
};

/** The document of a gateway in front of a server that lists these tools. */
async function documentOf(listed: string, count: number): Promise<string> {
  const server = await RawMcpServer.start({ on: { 'tools/list': listAsWritten(listed) } });
  const gateway = await startGateway({ env: { MCP_SERVER_URL: server.url } });
  try {
    return await until('the document has every tool', async () => {
      const text = await (await fetch(`${gateway.url}/openapi.json`)).text();
      return Object.keys((JSON.parse(text) as { paths: object }).paths).length === count && text;
    });
  } finally {
    await gateway.stop();
    await server.stop();
  }
}
