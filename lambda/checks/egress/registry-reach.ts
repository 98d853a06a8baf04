import type { Config } from '../../config/model.ts';
import type { EgressView } from '../../egress/model.ts';
import { PACKAGE_REGISTRY_SUFFIXES } from '../../egress/package-registries.ts';
import type { Evidence } from '../../findings/model.ts';
import type { PodClass } from '../../inventory/model.ts';
import { because, describeReach, isWide } from './reach.ts';

export interface RegistryReach {
  /** Without the full stop, to stand alone or inside another sentence. */
  readonly sentence: string;
  readonly evidence: Evidence;
}

/** How a class can fetch packages: by a host rule that admits a registry, or by reach of the internet on 443 or 80. */
export function registryReach(subject: PodClass, view: EgressView, config: Config): RegistryReach | null {
  const hosts = view.hostsUnder([...PACKAGE_REGISTRY_SUFFIXES, ...config.egress.packageRegistries]);
  if (hosts.length > 0) {
    const names = hosts.map(({ host }) => host);
    return {
      sentence: `Can reach package registries by name: ${names.slice(0, 3).join(', ')} (${because(subject, view)})`,
      evidence: { hosts: names, ports: [], policies: view.answer.policies },
    };
  }
  const open = [443, 80].map((port) => ({ port, ...view.internetOn(port) })).filter(isWide);
  const first = open[0];
  if (first === undefined) return null;
  return {
    sentence: `Can reach package registries: ${describeReach(first)} on TCP ${open.map(({ port }) => port).join(' and ')} (${because(subject, view)})`,
    evidence: {
      hosts: [],
      ports: open.map(({ port, ipv4, ipv6 }) => ({ port, ipv4Share: ipv4, ipv6Share: ipv6 })),
      policies: view.answer.policies,
    },
  };
}
