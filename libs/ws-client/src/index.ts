export { type ClientOptions, McpoClient } from './client.js';
export type { ConnectionState } from './connection.js';
export { ClientClosedError, type GatewayError, ToolCallError } from './errors.js';
export type { Socket, SocketConstructor } from './socket.js';
export type { CallOptions, Progress, ToolResult } from './tool-call.js';
