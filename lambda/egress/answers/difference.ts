import { portsEverywhere, subtract } from '../sets/address-set.ts';
import { printPorts, readPorts, subtractPorts } from '../sets/port-set.ts';
import { externalRanges, fromExternalRanges } from '../sets/printed.ts';
import type { HostRule, Reach, Unknown } from '../sets/reach.ts';

type Part = Pick<Reach, 'external'> & Partial<Pick<Reach, 'hosts'>>;

/**
 * What of `a` is not in `b`. A host rule counts as in it on ports on which `b` has the same host rule or
 * opens every address; which other names a rule admits is not compared.
 */
export function reachBeyond(a: Part | Unknown, b: Part | Unknown): Reach | Unknown {
  if ('unknown' in a) return a;
  if ('unknown' in b) return b;
  const addresses = fromExternalRanges(b.external);
  const everywhere = portsEverywhere(addresses);
  const ports = new Map((b.hosts ?? []).map((rule) => [rule.host, readPorts(rule.ports)]));
  const hosts = (a.hosts ?? []).flatMap((rule): readonly HostRule[] => {
    const rest = subtractPorts(subtractPorts(readPorts(rule.ports), everywhere), ports.get(rule.host) ?? []);
    return rest.length === 0 ? [] : [{ host: rule.host, ports: printPorts(rest) }];
  });
  return { external: externalRanges(subtract(fromExternalRanges(a.external), addresses)), hosts };
}
