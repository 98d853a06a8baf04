import { field, isFields, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, fromSpans, NOTHING } from '../../sets/address-set.ts';
import { parseCidr } from '../../sets/addresses.ts';
import { atMost, type Bounds, certain, either, eitherOf } from '../../sets/bounds.ts';
import { parseDomainNames } from '../core/domain-names.ts';
import type { Remarks } from '../core/network-policy-rule.ts';

/** What a list of peers says about destinations outside the cluster. */
export interface Peers {
  readonly addresses: Bounds;
  readonly names: readonly string[];
  /**
   * Whether a peer lacks a field that the API knows, so that the whole rule fails closed: definitely
   * (it has no field at all), or potentially (it has one that the enforcing engine may know).
   */
  readonly strange: 'no' | 'potential' | 'definite';
}

export interface PeerContext {
  /** Peer fields of this API. */
  readonly fields: readonly string[];
  /** Whether the rule's action is one with which domain names have a meaning. */
  readonly allowsNames: boolean;
  readonly remarks: Remarks;
}

const peers = (addresses: Bounds, more: Partial<Peers> = {}): Peers => ({
  addresses,
  names: [],
  strange: 'no',
  ...more,
});

/** "This field must be defined and contain at least one item." */
export function parseAdminPeers(value: unknown, path: string, context: PeerContext): Peers {
  if (!Array.isArray(value) || value.length === 0) {
    context.remarks.uncertainties.push(`${path} is ${quote(value)} and not a list of peers`);
    return peers(atMost(EVERYTHING));
  }
  const parsed = value.map((peer: unknown, index) => parsePeer(peer, `${path}[${index}]`, context));
  return {
    addresses: eitherOf(parsed.map(({ addresses }) => addresses)),
    names: parsed.flatMap(({ names }) => names),
    strange: strangest(parsed),
  };
}

function strangest(parsed: readonly Peers[]): Peers['strange'] {
  if (parsed.some(({ strange }) => strange === 'definite')) return 'definite';
  return parsed.some(({ strange }) => strange === 'potential') ? 'potential' : 'no';
}

/** "Exactly one of the fields must be set for a given peer." */
function parsePeer(peer: unknown, path: string, context: PeerContext): Peers {
  const { uncertainties } = context.remarks;
  if (!isFields(peer)) {
    uncertainties.push(`${path} is ${quote(peer)} and not a peer`);
    return peers(atMost(EVERYTHING));
  }
  const set = unknownFields(peer, []);
  const strange = set.find((name) => !context.fields.includes(name));
  if (strange !== undefined) {
    uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return peers(atMost(EVERYTHING), { strange: 'potential' });
  }
  if (set.length === 0) return peers(certain(NOTHING), { strange: 'definite' });
  const parsed = set.map((name) => parsePeerField(name, field(peer, name), path, context));
  const [only] = parsed;
  if (only !== undefined && set.length === 1) return only;
  uncertainties.push(`${path} has ${set.join(' and ')}, of which only one may be set`);
  return peers(atMost(parsed.reduce((all, one) => either(all, one.addresses), certain(NOTHING)).potential), {
    names: parsed.flatMap(({ names }) => names),
  });
}

function parsePeerField(name: string, value: unknown, path: string, context: PeerContext): Peers {
  if (name === 'networks') return peers(parseNetworks(value, `${path}.networks`, context.remarks));
  if (name === 'domainNames') return parseNames(value, `${path}.domainNames`, context);
  // Nodes have addresses outside of pods, but they are part of the cluster like pods and namespaces.
  if (name === 'nodes') {
    context.remarks.notes.push(
      `${context.remarks.name}: ${path}.nodes selects nodes of the cluster, which are not outside of it.`,
    );
  }
  return peers(certain(NOTHING));
}

function parseNetworks(value: unknown, path: string, { uncertainties }: Remarks): Bounds {
  if (!Array.isArray(value) || value.length === 0) {
    uncertainties.push(`${path} is ${quote(value)} and not a list of CIDR blocks`);
    return atMost(EVERYTHING);
  }
  const spans = value.map((entry: unknown) => (typeof entry === 'string' ? parseCidr(entry) : null));
  const blocks = fromSpans(spans.filter((span) => span !== null));
  const wrong = spans.indexOf(null);
  if (wrong < 0) return certain(blocks);
  uncertainties.push(`${path}[${wrong}] is ${quote(value[wrong])} and not a CIDR block`);
  return { definite: blocks, potential: EVERYTHING };
}

/** To which addresses a name resolves is not known; an allowed name is reported as a name. */
function parseNames(value: unknown, path: string, { allowsNames, remarks }: PeerContext): Peers {
  const { names, understood } = parseDomainNames(value, path, remarks.uncertainties);
  if (allowsNames) return peers(understood ? certain(NOTHING) : atMost(EVERYTHING), { names });
  // "DomainNames is only supported for Accept rules."
  remarks.uncertainties.push(
    `${path} is in a rule whose action is not Accept, where domain names have no defined meaning`,
  );
  return peers(atMost(EVERYTHING));
}
