import { field, isUnset } from '../../policies/shape.ts';
import { EVERYTHING, intersect, NOTHING, sameSet, subtract, unionAll } from '../../sets/address-set.ts';
import { atMost, type Bounds, both, certain } from '../../sets/bounds.ts';
import { everyPortOf, samePorts } from '../../sets/port-set.ts';
import { wonderAbout } from './accounts.ts';
import { readEntity, readList, readSelected } from './entity.ts';
import { allOf, type Expression, not, TRUE, UNKNOWN } from './expression.ts';
import { FAMILIES, parseNets, versionsIn } from './nets.ts';
import { type Protocols, parsePortList } from './ports.ts';
import type { RulePlace } from './rule-place.ts';

/** What the source of an egress rule asks of the pod itself. */
export interface Source {
  /** The pods for which the rule counts. */
  readonly from: Expression;
  /** Destinations of the IP versions that the pod's addresses leave. */
  readonly match: Bounds;
}

export function readSource(value: unknown, place: RulePlace, protocols: Protocols): Source {
  const at = { path: `${place.path}.source`, remarks: place.remarks };
  const entity = readEntity(value, at.path, place.remarks);
  if (entity === null) return { from: UNKNOWN, match: certain(EVERYTHING) };
  for (const name of ['services', 'domains']) {
    if (!isUnset(field(entity, name)))
      place.remarks.refuse(`${at.path}.${name} is not allowed in egress rules`);
  }
  // A pod that the policy selects is in the policy's namespace, so that need not be asked again.
  const { positive, negative } = readSelected(entity, null, at);
  const from = allOf([positive ?? TRUE, negative === null ? TRUE : not(negative)]);
  wonderAbout(from, `${at.path} chooses pods`, place);
  const nets = readList(entity, 'nets', at);
  const notNets = readList(entity, 'notNets', at);
  const addresses = both(
    nets === null ? atMost(EVERYTHING) : ofNets(nets, place),
    notNets === null ? atMost(EVERYTHING) : ofNotNets(notNets, place),
  );
  const ports = (name: 'ports' | 'notPorts') =>
    parsePortList(field(entity, name), `${at.path}.${name}`, {
      protocol: protocols.withPorts,
      remarks: place.remarks,
    });
  const [listed, excluded] = [ports('ports'), ports('notPorts')];
  const everyPort =
    protocols.withPorts !== null &&
    listed !== null &&
    samePorts(listed.numbers, everyPortOf(protocols.withPorts));
  const limited = (listed !== null && !everyPort) || excluded !== null;
  // A client may take any port, so what the rule does depends on which it takes.
  if (limited) place.remarks.wonder(`${at.path} matches the source port of the pod`);
  return { from, match: limited ? atMost(addresses.potential) : addresses };
}

/** The address of a pod is not known, so only a list of all addresses of a version definitely has it. */
function ofNets(list: readonly unknown[], { path, remarks }: RulePlace): Bounds {
  if (list.length === 0) return certain(EVERYTHING);
  const { set, wrong } = parseNets(list, `${path}.source.nets`);
  for (const uncertainty of wrong) remarks.refuse(uncertainty);
  if (wrong.length > 0) return atMost(EVERYTHING);
  const whole = FAMILIES.filter((family) => sameSet(intersect(set, family), family));
  return asUncertain(
    { definite: unionAll(whole), potential: versionsIn(set) },
    `${path}.source.nets`,
    remarks,
  );
}

/** "Negated catch-all CIDR": no address of that version is left (`filterNets`, felix/rules/policy.go). */
function ofNotNets(list: readonly unknown[], { path, remarks }: RulePlace): Bounds {
  if (list.length === 0) return certain(EVERYTHING);
  const { set, wrong } = parseNets(list, `${path}.source.notNets`);
  for (const uncertainty of wrong) remarks.refuse(uncertainty);
  if (wrong.length > 0) return atMost(EVERYTHING);
  const whole = unionAll(FAMILIES.filter((family) => sameSet(intersect(set, family), family)));
  const potential = subtract(versionsIn(set), whole);
  return asUncertain({ definite: NOTHING, potential }, `${path}.source.notNets`, remarks);
}

function asUncertain(bounds: Bounds, path: string, remarks: RulePlace['remarks']): Bounds {
  if (sameSet(bounds.definite, bounds.potential)) return certain(bounds.definite);
  remarks.wonder(`${path} matches the address of the pod, which is not known`);
  return bounds;
}
