import type { ConfigFile } from './schema.ts';

/**
 * The effective configuration: preset and file merged, units resolved. Sizes in bytes, durations in milliseconds. What the
 * keys mean is described in the schema, {@link file://./schema.ts}.
 */
export type Config = DeepReadonly<ConfigFile['config']>;

export type { Limits } from './schema-limits.ts';
export type ClusterSelection = Config['clusters'];
export type AccountConfig = Config['accounts'][number];
export type OrganizationConfig = NonNullable<Config['organization']>;
export type LimitOverride = Config['overrides'][number];
export type EgressConfig = Config['egress'];
export type ApprovedDestination = EgressConfig['approved'][number];
export type Exemption = Config['exemptions'][number];
export type AcceptedGap = Config['acceptedGaps'][number];

/** What `cdk deploy` sets up. It is read when templates are made and never by an audit. Durations in milliseconds. */
export type Deployment = DeepReadonly<ConfigFile['deployment']>;
export type VpcPlacement = NonNullable<Deployment['vpc']>;

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;
