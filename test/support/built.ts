/** The built gateway, from the repository's folder. */
export const GATEWAY = 'dist/bundle/main.js';

/** The same before it is bundled: a file for each module. */
export const UNBUNDLED_GATEWAY = 'dist/src/main.js';

/** The built planner. */
export const PLANNER = 'dist/bundle/planner-mcp-server.js';

/** What `npm start` and the image give Node for the gateway. */
export const GATEWAY_NODE_ARGS = ['--max-semi-space-size=32'];
