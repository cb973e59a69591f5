/** Where sockets are opened, below the path prefix. */
export const SOCKET_PATH = '/v1/ws';
