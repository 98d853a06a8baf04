import * as z from 'zod';
import type { Setting } from '../inventory/engine-settings.ts';
import type { OutboundMode } from '../inventory/mesh.ts';
import type { Labels } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { firstProblem, notUnderstood } from './not-understood.ts';

/** One listener of `egress`: which services sidecars get to know by it. */
export interface EgressListener {
  /** Hosts are imported for this port alone. */
  readonly port: number | null;
  /** `namespace/dnsName`, both with wildcards. */
  readonly hosts: readonly string[];
}

/**
 * A Sidecar, reduced to what decides about outbound traffic. Each part is read by itself: one that is not
 * understood leaves the others as they are.
 * Source: https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export interface Sidecar {
  readonly namespace: string;
  readonly name: string;
  /** `Sidecar namespace/name` */
  readonly title: string;
  /** `null`: every workload of the namespace. */
  readonly selector: Setting<Labels | null>;
  /** `null`: as the mesh says. */
  readonly mode: Setting<OutboundMode | null>;
  /** `null`: everything that is exported to the namespace. */
  readonly egress: Setting<readonly EgressListener[] | null>;
}

const FIELDS = ['workloadSelector', 'ingress', 'egress', 'inboundConnectionPool', 'outboundTrafficPolicy'];

const SPEC = z.record(z.string(), z.unknown());
// The API server refuses wildcards in selectors.
const SELECTOR = z
  .strictObject({
    labels: z.record(z.string(), z.string().regex(/^[^*]*$/, 'must not hold a wildcard')).nullish(),
  })
  .nullish()
  .transform((selector) => (selector ? (selector.labels ?? {}) : null));
/**
 * A policy without a mode is one of two things: ALLOW_ANY by the documentation of the field, REGISTRY_ONLY as
 * the first value of the enum, which is what the published control plane reads
 * (istio pilot/pkg/model/sidecar.go; api networking/v1alpha3/sidecar.proto). So it is not understood.
 */
const POLICY = z
  .strictObject({ mode: z.enum(['ALLOW_ANY', 'REGISTRY_ONLY']), egressProxy: z.unknown().optional() })
  .nullish()
  .transform((policy) => policy?.mode ?? null);
const LISTENER = z
  .strictObject({
    port: z.looseObject({ number: z.int().nullish(), protocol: z.string().nullish() }).nullish(),
    bind: z.unknown().optional(),
    captureMode: z.unknown().optional(),
    hosts: z.array(z.string().regex(/^[^/]+\/[^/]+$/, 'must have the form namespace/dnsName')),
  })
  .transform(({ port, hosts }): EgressListener => {
    // A generic proxy takes all ports (istio pilot/pkg/model/sidecar.go, needsPortMatch).
    const generic = port?.protocol?.toLowerCase() === 'http_proxy';
    return { port: generic ? null : port?.number || null, hosts };
  });
const EGRESS = z
  .array(LISTENER)
  .nullish()
  // Without listeners there is one for everything (istio pilot/pkg/model/sidecar.go).
  .transform((listeners) => (listeners?.length ? listeners : null));

/** Never throws: what is not understood is said where it decides. */
export function parseSidecar({ namespace, name, spec }: PolicyObject): Sidecar {
  const title = `Sidecar ${namespace}/${name}`;
  const fields = SPEC.safeParse(spec ?? {});
  const strange = Object.keys(fields.data ?? {}).find((key) => !FIELDS.includes(key));
  const part = <T>(key: string, schema: z.ZodType<T>): Setting<T> => {
    if (fields.data === undefined) return notUnderstood(title, { path: 'spec', message: 'not an object' });
    if (strange !== undefined)
      return notUnderstood(title, { path: `spec.${strange}`, message: 'unknown field' });
    const read = schema.safeParse(fields.data[key]);
    if (read.success) return { known: read.data };
    return notUnderstood(title, firstProblem(read.error, fields.data[key], `spec.${key}`));
  };
  return {
    namespace,
    name,
    title,
    selector: part('workloadSelector', SELECTOR),
    mode: part('outboundTrafficPolicy', POLICY),
    egress: part('egress', EGRESS),
  };
}
