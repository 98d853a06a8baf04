import { type EntryPort, isHttp, isOpaque, isWildcard, type ServiceEntry } from './service-entry.ts';

export type RiskKind = 'wildcard-host' | 'insecure-port' | 'port-alone';

/** Why an entry admits more than a known destination, or in a form that can be read on the way. */
export interface Risk {
  readonly kind: RiskKind;
  /** Completes "ServiceEntry a/b …". */
  readonly because: string;
}

/**
 * @param insecurePorts plaintext and remote-shell ports of the configuration
 */
export function risksOf(entry: ServiceEntry, insecurePorts: readonly number[]): readonly Risk[] {
  return [...wildcards(entry), ...insecure(entry, insecurePorts), ...portsAlone(entry)];
}

/** Whoever may make a name below the domain (object storage, hosted pages) is let in too. */
function wildcards({ hosts }: ServiceEntry): readonly Risk[] {
  const found = hosts.filter(isWildcard);
  return found.length === 0
    ? []
    : [{ kind: 'wildcard-host', because: `admits every name of ${list(found)}` }];
}

/** Inside the mesh sidecars encrypt between themselves. What leaves is on the port of the endpoint. */
function insecure(entry: ServiceEntry, insecurePorts: readonly number[]): readonly Risk[] {
  if (!entry.external) return [];
  const leaves = leavingOn(entry, new Set(insecurePorts));
  return entry.ports
    .filter((port) => (isHttp(port) || isOpaque(port)) && leaves(port))
    .map((port) => ({
      kind: 'insecure-port',
      because: `opens ${port.protocol || 'TCP'} port ${port.number}, which is plaintext or a remote shell`,
    }));
}

/**
 * Whether traffic for a port of the entry leaves the pod on one of these: on the port of an endpoint, where some
 * endpoint has one of its own by this name. Each endpoint is looked at once, however many ports there are.
 */
function leavingOn(
  { resolution, endpoints }: ServiceEntry,
  numbers: ReadonlySet<number>,
): (port: EntryPort) => boolean {
  // Without resolution a connection goes where the application sent it.
  if (resolution === 'NONE') return ({ number }) => numbers.has(number);
  const own = endpoints.flatMap(({ ports }) => Object.entries(ports));
  const among = new Set(own.filter(([, number]) => numbers.has(number)).map(([name]) => name));
  const overridden = new Map<string, number>();
  for (const [name] of own) overridden.set(name, (overridden.get(name) ?? 0) + 1);
  return ({ name, target }) => {
    const everywhere = endpoints.length > 0 && overridden.get(name) === endpoints.length;
    return among.has(name) || (!everywhere && numbers.has(target));
  };
}

/**
 * "If the Addresses field is empty, traffic will be identified solely based on the destination port", and with
 * resolution NONE "traffic to any IP on said port will be allowed".
 * Source: https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry
 */
function portsAlone({ addresses, ports, resolution }: ServiceEntry): readonly Risk[] {
  if (addresses.length > 0) return [];
  const found = ports.filter(isOpaque).map(({ number }) => number);
  if (found.length === 0) return [];
  const where =
    resolution === 'NONE' ? 'allows connections to every address' : 'takes connections to every address';
  return [
    {
      kind: 'port-alone',
      because: `names no address, so on TCP port ${list(found)} it ${where}`,
    },
  ];
}

/** A few of many, each cut short: names are hostile. */
function list(values: readonly (string | number)[]): string {
  const shown = values.slice(0, 3).map((value) => String(value).slice(0, 100));
  return `${shown.join(', ')}${values.length > 3 ? ` and ${values.length - 3} more` : ''}`;
}
