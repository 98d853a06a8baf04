import type { PodClass } from '../inventory/pod-class.ts';
import { hasSidecar, type Membership } from './membership.ts';
import type { OutboundRules } from './outbound.ts';
import type { ServiceEntry } from './service-entry.ts';
import type { EgressListener } from './sidecar.ts';
import { isExportedTo, isImported } from './visibility.ts';

/** Pods whose proxies know the same entries: of one namespace, in the mesh in one way, with one Sidecar. */
export interface Scope {
  readonly namespace: string;
  readonly kind: 'sidecar' | 'ambient' | 'proxy';
  /** By which they import; `null`: all that is exported to the namespace; `open`: that is not known. */
  readonly imports: readonly EgressListener[] | null | 'open';
  readonly classes: readonly PodClass[];
}

/** Who knows an entry, of those to whom it is exported. */
export interface Audience {
  readonly knowing: readonly Scope[];
  /** Their Sidecar leaves it out. */
  readonly without: readonly Scope[];
  readonly open: readonly Scope[];
}

export function createScopes(
  classes: readonly PodClass[],
  membership: (subject: PodClass) => Membership,
  rules: OutboundRules,
): readonly Scope[] {
  const scopes = new Map<string, Scope & { readonly classes: PodClass[] }>();
  for (const subject of classes) {
    const found = scopeOf(subject, membership(subject), rules);
    if (found === null) continue;
    const { namespace } = subject.workload;
    const key = `${namespace}/${found.key}`;
    const known = scopes.get(key);
    if (known !== undefined) known.classes.push(subject);
    else scopes.set(key, { namespace, kind: found.kind, imports: found.imports, classes: [subject] });
  }
  return [...scopes.values()];
}

function scopeOf(
  subject: PodClass,
  membership: Membership,
  rules: OutboundRules,
): (Pick<Scope, 'kind' | 'imports'> & { readonly key: string }) | null {
  if (membership.mode === 'none') return null;
  if (membership.mode === 'unknown') return { kind: 'sidecar', imports: 'open', key: 'open' };
  if (!hasSidecar(membership)) return { kind: membership.mode, imports: null, key: membership.mode };
  const [only, ...others] = rules.candidates({ subject, revision: membership.revision });
  if (only === undefined || others.length > 0) return { kind: 'sidecar', imports: 'open', key: 'open' };
  if (only === null) return { kind: 'sidecar', imports: null, key: 'sidecar' };
  if ('undecided' in only || 'unread' in only.egress)
    return { kind: 'sidecar', imports: 'open', key: 'open' };
  return { kind: 'sidecar', imports: only.egress.known, key: `sidecar ${only.title}` };
}

export function audienceOf(entry: ServiceEntry, scopes: readonly Scope[]): Audience {
  const found = { knowing: [] as Scope[], without: [] as Scope[], open: [] as Scope[] };
  for (const scope of scopes) {
    const standing = standingOf(entry, scope);
    if (standing !== 'apart') found[standing].push(scope);
  }
  return found;
}

/** How the proxies of a scope stand to an entry; `apart`: it is not exported to them. */
export function standingOf(
  entry: ServiceEntry,
  { kind, namespace, imports }: Scope,
): keyof Audience | 'apart' {
  // ztunnels and waypoints do not read exportTo (service_entry.proto).
  if (kind !== 'ambient' && !isExportedTo(entry, namespace)) return 'apart';
  if (imports === 'open') return 'open';
  return imports === null || isImported(entry, imports, namespace) ? 'knowing' : 'without';
}
