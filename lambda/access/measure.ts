import type { Config } from '../config/config.ts';
import { AUDITOR_GROUP } from '../connect/eks/errors.ts';
import { MEASURE_GROUP } from '../connect/kube/measure-group.ts';
import type { Grantee } from './manifests.ts';
import type { AccessRule } from './rules.ts';

/** How writable layers are measured, where they are. */
export type MeasureWay = Exclude<Config['measure']['writableLayer'], 'off'>;

const MEASURED = ['writable-layer-drifted'];

/** What the measuring role may do, and all that it may: a node's owner can use a token that is sent to the node. */
export const STATS_RULE: AccessRule = {
  group: '',
  resource: 'nodes/stats',
  verbs: ['get'],
  why: 'how much each container wrote, asked of its kubelet',
  checks: MEASURED,
};

/**
 * The way through the API server. The kubelet authorises exec and run over WebSocket as get of nodes/proxy.
 * https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes
 */
const PROXY_RULE: AccessRule = {
  group: '',
  resource: 'nodes/proxy',
  verbs: ['get'],
  why: 'WARNING: whoever may get nodes/proxy can run commands in every pod. How much each container wrote',
  checks: MEASURED,
};

export const PROXY_WARNING =
  'measure.writableLayer: api-server-proxy needs get on nodes/proxy, by which its holder can run commands in every pod of the cluster: prefer measure.writableLayer: kubelet, which needs get on nodes/stats for a separate role.';

/** The ClusterRole that a way needs besides that of the auditor, which never grants it. */
export const measureAccess = (way: MeasureWay): { readonly rule: AccessRule; readonly to: Grantee } =>
  way === 'kubelet'
    ? { rule: STATS_RULE, to: { name: MEASURE_GROUP, group: MEASURE_GROUP } }
    : { rule: PROXY_RULE, to: { name: `${AUDITOR_GROUP}-node-proxy`, group: AUDITOR_GROUP } };
