import connect from 'undici/lib/api/api-connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

/**
 * The two dispatchers of undici that are used. Its index also loads fetch, web sockets, caches and mocks: 250 kB of a
 * bundle that may have 2.5 MB, compiled at each cold start for nothing. Joined as the index does it, since a proxy's
 * tunnel calls `connect`; the version is pinned (docs/decisions/0003-reading-clusters.md).
 */
Object.assign(Dispatcher.prototype, { connect });

export { Agent, ProxyAgent };
