import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

/**
 * The dispatchers of undici, and of the rest only the methods that are called on them. Its index also loads
 * fetch, web sockets, caches and mocks, which a cold start would compile for nothing. Joined as the index does
 * it; the version is pinned (docs/decisions/0003-reading-clusters.md).
 */
Object.assign(Dispatcher.prototype, { connect, request });

export { Agent, buildConnector, ProxyAgent };
