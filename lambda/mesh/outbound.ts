import type { Setting, Unread } from '../inventory/engine-settings.ts';
import type { MeshConfig, MeshConfigs, OutboundMode } from '../inventory/mesh.ts';
import type { Labels } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { isUnknownValue } from '../inventory/unknown-labels.ts';
import type { Sidecar } from './sidecar.ts';

/** What sidecars of some pods do with traffic to destinations that the mesh does not know. */
export type Outbound =
  | {
      readonly mode: OutboundMode;
      /** What says so, such as `Sidecar shop/default`. */
      readonly from: string;
    }
  | { readonly unknown: Unread };

/** Whose outbound mode is asked for. */
export interface Member {
  readonly subject: PodClass;
  /** Of the control plane; `null`: not known. */
  readonly revision: string | null;
}

export interface OutboundRules {
  /**
   * The Sidecars of which one applies, `null` standing for none; more than one where it is open which.
   */
  candidates(member: Member): readonly (Sidecar | Undecided | null)[];
  outbound(member: Member): Outbound;
}

/** A Sidecar that may apply, but cannot be named. */
export interface Undecided {
  readonly undecided: Unread;
}

/**
 * Which Sidecar applies: one that selects the workload, else that of its namespace, else that of the root
 * namespace. What it does not say, the mesh says.
 * Source: https://istio.io/latest/docs/reference/config/networking/sidecar/ and istio
 * pilot/pkg/model/push_context.go (doGetSidecarScope, initSidecarScopes), sidecar.go (OutboundTrafficPolicy).
 *
 * Two that apply alike are documented as undefined; the published control plane takes the older one, whose
 * age is not read. Both are candidates, so that only where they agree something is known.
 */
export function createOutbound(sidecars: readonly Sidecar[], configs: MeshConfigs): OutboundRules {
  const byNamespace = Map.groupBy(sidecars, ({ namespace }) => namespace);

  function candidates({ subject, revision }: Member): readonly (Sidecar | Undecided | null)[] {
    const own = byNamespace.get(subject.workload.namespace) ?? [];
    const selecting = own.map((sidecar) => [sidecar, selects(sidecar, subject)] as const);
    const found: Sidecar[] = selecting.flatMap(([one, how]) =>
      how === 'yes' || how === 'maybe' ? [one] : [],
    );
    if (selecting.some(([, how]) => how === 'yes')) return found;
    const general = own.filter(appliesToAll);
    if (general.length > 0) return [...found, ...general];
    return [...found, ...ofRoot(configOf(configs, revision))];
  }

  function ofRoot(config: Setting<MeshConfig>): readonly (Sidecar | Undecided | null)[] {
    // Where no Sidecar is for a whole namespace, none is for all of them, whichever the root is.
    if ('unread' in config) return sidecars.some(mayBeGeneral) ? [{ undecided: config.unread }] : [null];
    const inRoot = byNamespace.get(config.known.rootNamespace) ?? [];
    const general = inRoot.filter(appliesToAll);
    const maybe = inRoot.filter(({ selector }) => 'unread' in selector);
    return general.length > 0 ? [...maybe, ...general] : [...maybe, null];
  }

  return {
    candidates,
    outbound(member) {
      const config = configOf(configs, member.revision);
      return agree(candidates(member).map((one) => modeOf(one, config)));
    },
  };
}

function configOf(configs: MeshConfigs, revision: string | null): Setting<MeshConfig> {
  if (revision === null) {
    return {
      unread: {
        reason: 'field-missing',
        message: 'Which control plane the sidecar belongs to is not known: its status cannot be understood.',
        remedy: 'Restart the pod, so that its sidecar is injected again.',
      },
    };
  }
  return (
    configs.get(revision) ?? {
      unread: {
        reason: 'field-missing',
        message: 'The configuration of the mesh was not read.',
        remedy:
          'Allow the auditor to read it, or include the ConfigMap istio of istio-system in the snapshot.',
      },
    }
  );
}

const mayBeGeneral = (sidecar: Sidecar): boolean => appliesToAll(sidecar) || 'unread' in sidecar.selector;

const appliesToAll = ({ selector }: Sidecar): boolean => 'known' in selector && selector.known === null;

type Selected = 'yes' | 'no' | 'maybe';

function selects({ selector }: Sidecar, { labels, source }: PodClass): Selected {
  if ('unread' in selector) return 'maybe';
  if (selector.known === null) return 'no';
  const wanted = Object.entries(selector.known);
  if (wanted.every(([key, value]) => labelOf(labels, key) === value)) return 'yes';
  // Injection adds labels of its own, which a manifest does not have yet.
  const open = ([key, value]: readonly [string, string]): boolean =>
    labelOf(labels, key) === value ||
    isUnknownValue(labelOf(labels, key)) ||
    (labelOf(labels, key) === undefined && /istio\.io\//.test(key));
  return source === 'template' && wanted.every(open) ? 'maybe' : 'no';
}

const labelOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

function modeOf(candidate: Sidecar | Undecided | null, config: Setting<MeshConfig>): Outbound {
  if (candidate !== null) {
    if ('undecided' in candidate) return { unknown: candidate.undecided };
    const { mode, title } = candidate;
    if ('unread' in mode) return { unknown: mode.unread };
    if (mode.known !== null) return { mode: mode.known, from: title };
  }
  if ('unread' in config) return { unknown: config.unread };
  const { outbound } = config.known;
  return 'unread' in outbound
    ? { unknown: outbound.unread }
    : { mode: outbound.known, from: 'the configuration of the mesh' };
}

/** One of several holds: they must all say the same. */
function agree(possible: readonly Outbound[]): Outbound {
  const open = possible.find((one) => 'unknown' in one);
  if (open !== undefined) return open;
  const known = possible.flatMap((one) => ('mode' in one ? [one] : []));
  const [first, ...others] = known;
  if (first === undefined) throw new TypeError('There is always something that applies.');
  if (others.every(({ mode }) => mode === first.mode)) return first;
  const names = known.map(({ from }) => from).slice(0, 3);
  return {
    unknown: {
      reason: 'policy-not-understood',
      message: `${names.join(' and ')} apply equally and differ, and Istio defines no order for them.`,
      remedy: 'Make sure that at most one Sidecar applies to a workload.',
    },
  };
}
