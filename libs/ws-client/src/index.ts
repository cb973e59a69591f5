export { type ClientOptions, McpoClient } from './client.js';
export type { ConnectionState } from './connection.js';
export type { Elicitation, ElicitationAnswer, OnElicitation } from './elicitation.js';
export { ClientClosedError, type GatewayError, ToolCallError } from './errors.js';
export type { Socket, SocketConstructor } from './socket.js';
export type { CallOptions, LogMessage, Progress, ToolResult } from './tool-call.js';
