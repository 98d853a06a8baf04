import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';

const fieldsOf = (spec: unknown) =>
  typeof spec === 'object' && spec !== null && !Array.isArray(spec)
    ? { endpointSelector: {}, ...spec }
    : spec;

/** A CiliumNetworkPolicy of the namespace `default` that selects each of its pods, unless it says otherwise. */
export const aCiliumPolicy = (spec: unknown, about: Partial<PolicyObject> = {}): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  namespace: 'default',
  name: 'policy',
  labels: {},
  spec: fieldsOf(spec),
  ...about,
});

/** A CiliumClusterwideNetworkPolicy that selects every pod, unless it says otherwise. */
export const aClusterwidePolicy = (spec: unknown, about: Partial<PolicyObject> = {}): PolicyObject => ({
  ...aCiliumPolicy(spec),
  kind: 'CiliumClusterwideNetworkPolicy',
  namespace: '',
  ...about,
});

export const aGroup = (
  name: string,
  externalCIDRs: unknown,
  about: Partial<PolicyObject> = {},
): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumCIDRGroup',
  namespace: '',
  name,
  labels: {},
  spec: { externalCIDRs },
  ...about,
});

/** A policy whose egress rules are these. */
export const allowing = (...egress: unknown[]): PolicyObject => aCiliumPolicy({ egress });
/** A policy that denies what these rules match, and nothing else. */
export const denying = (...egressDeny: unknown[]): PolicyObject =>
  aCiliumPolicy({ egressDeny, enableDefaultDeny: { egress: false } }, { name: 'denying' });

export const toCidr = (...toCIDR: string[]) => ({ toCIDR });
export const port = (number: string, protocol = 'TCP', more: object = {}) => ({
  ports: [{ port: number, protocol }],
  ...more,
});
export const WORLD = { toEntities: ['world'] };
export const PODS = { toEndpoints: [{}] };
