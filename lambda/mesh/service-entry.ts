import * as z from 'zod';
import type { Setting } from '../inventory/engine-settings.ts';
import type { Labels, WorkloadRef } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { firstProblem, notUnderstood } from './not-understood.ts';

/** How a proxy finds the addresses of a service; the first is the default. */
const RESOLUTIONS = ['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface EntryPort {
  readonly number: number;
  /** Upper case; empty: the proxy distinguishes HTTP from other TCP by the first bytes. */
  readonly protocol: string;
  readonly name: string;
  /** The port on the endpoint; the number itself where none is set. */
  readonly target: number;
}

export interface Endpoint {
  /** An address, a name, a path of a socket (`unix://…`), or empty for one in another network. */
  readonly address: string;
  /** By the name of the entry's port. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * A service that is declared to the mesh by hand.
 * Source: https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
export interface ServiceEntry {
  readonly ref: WorkloadRef;
  /** `ServiceEntry namespace/name` */
  readonly title: string;
  readonly hosts: readonly string[];
  /** Addresses and CIDR blocks. */
  readonly addresses: readonly string[];
  readonly ports: readonly EntryPort[];
  readonly external: boolean;
  readonly resolution: Resolution;
  readonly endpoints: readonly Endpoint[];
  readonly workloadSelector: Labels | null;
  /** Namespaces, `.`, `*` or `~`. */
  readonly exportTo: readonly string[];
  /** A field that this program does not know: what it changes is open. */
  readonly unknownField: string | null;
}

const PORT = z.int().min(1).max(65_535);
const TEXTS = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? []);
const LABELS = z.record(z.string(), z.string());

const PORT_SPEC = z
  .object({
    number: PORT,
    protocol: z.string().nullish(),
    name: z.string().nullish(),
    targetPort: z.int().min(0).max(65_535).nullish(),
  })
  .transform(
    ({ number, protocol, name, targetPort }): EntryPort => ({
      number,
      protocol: (protocol ?? '').toUpperCase(),
      name: name ?? '',
      target: targetPort || number,
    }),
  );

const ENDPOINT_SPEC = z
  .object({ address: z.string().nullish(), ports: z.record(z.string(), PORT).nullish() })
  .transform(({ address, ports }): Endpoint => ({ address: address ?? '', ports: ports ?? {} }));

const SHAPE = {
  hosts: TEXTS,
  addresses: TEXTS,
  ports: z
    .array(PORT_SPEC)
    .nullish()
    .transform((ports) => ports ?? []),
  location: z.enum(['MESH_EXTERNAL', 'MESH_INTERNAL']).nullish(),
  resolution: z.enum(RESOLUTIONS).nullish(),
  endpoints: z
    .array(ENDPOINT_SPEC)
    .nullish()
    .transform((endpoints) => endpoints ?? []),
  workloadSelector: z.object({ labels: LABELS.nullish() }).nullish(),
  exportTo: TEXTS,
  subjectAltNames: TEXTS,
};
const SPEC = z.object(SHAPE);

/** Never throws: a spec of another shape is said to be not understood. */
export function parseServiceEntry({ namespace, name, spec }: PolicyObject): Setting<ServiceEntry> {
  const ref: WorkloadRef = { namespace, kind: 'ServiceEntry', name };
  const title = `ServiceEntry ${namespace}/${name}`;
  const read = SPEC.safeParse(spec ?? {});
  if (!read.success) {
    return notUnderstood(title, firstProblem(read.error, spec, 'spec'));
  }
  const { location, resolution, workloadSelector, subjectAltNames: _, ...fields } = read.data;
  return {
    known: {
      ref,
      title,
      ...fields,
      external: location !== 'MESH_INTERNAL',
      resolution: resolution ?? 'NONE',
      workloadSelector: workloadSelector ? (workloadSelector.labels ?? {}) : null,
      unknownField: Object.keys(spec ?? {}).find((key) => !Object.hasOwn(SHAPE, key)) ?? null,
    },
  };
}

const HTTP = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY']);
const TLS = new Set(['HTTPS', 'TLS']);
/** A port whose connections have nothing that names their host (istio pkg/config/protocol/instance.go). */
const OPAQUE = new Set(['TCP', 'MONGO', 'REDIS', 'MYSQL', '']);

export const isHttp = ({ protocol }: EntryPort): boolean => HTTP.has(protocol);
export const isTls = ({ protocol }: EntryPort): boolean => TLS.has(protocol);
export const isOpaque = ({ protocol }: EntryPort): boolean => OPAQUE.has(protocol);
/** Istio carries no UDP, and knows no other protocol. */
export const isKnownProtocol = ({ protocol }: EntryPort): boolean =>
  HTTP.has(protocol) || TLS.has(protocol) || OPAQUE.has(protocol) || protocol === 'UDP';

export const isWildcard = (host: string): boolean => host.startsWith('*');
