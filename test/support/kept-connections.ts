import type { Server } from 'node:http';

/**
 * Keeps idle connections open, however long a busy machine lets them wait: Node.js ends them after five seconds
 * (https://nodejs.org/api/http.html#serverkeepalivetimeout), and a client that takes one at that moment has its request
 * cut, which is no fault under test.
 */
export function keepConnections(server: Server): void {
  server.keepAliveTimeout = 0;
}
