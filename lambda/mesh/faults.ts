import { isIP } from 'node:net';
import { isHttp, isKnownProtocol, isTls, isWildcard, type ServiceEntry } from './service-entry.ts';
import type { Symptom } from './symptoms.ts';

/** Why an entry cannot work, or not as it is meant. */
export interface Fault {
  /** A sentence without its full stop. */
  readonly because: string;
  readonly symptom: Symptom;
}

/**
 * What is wrong in the entry itself, whichever workload uses it.
 * Source: istio pkg/config/validation/validation.go (ValidateServiceEntry), for what the webhook refuses;
 * https://istio.io/latest/docs/reference/config/networking/service-entry/ for the rest.
 */
export function faultsOf(entry: ServiceEntry): readonly Fault[] {
  return [...hostFaults(entry), ...portFaults(entry), ...resolutionFaults(entry), ...exportFaults(entry)];
}

const refused = (because: string): Fault => ({
  because: `${because}, so Istio's webhook refuses it and no sidecar gets it`,
  symptom: 'unknownDestination',
});

const when = (applies: boolean, fault: () => Fault): readonly Fault[] => (applies ? [fault()] : []);

function hostFaults({ hosts, addresses, ports, resolution }: ServiceEntry): readonly Fault[] {
  const wrong = addresses.find((address) => !isAddressOrBlock(address));
  const shared = ports.find((port) => !isHttp(port) && !isTls(port));
  return [
    ...when(hosts.length === 0, () => refused('It names no host')),
    ...when(hosts.includes('*'), () => refused('Its host is "*", which matches every name')),
    ...when(wrong !== undefined, () => refused(`"${short(wrong)}" is neither an address nor a CIDR block`)),
    // Nothing in such a connection distinguishes the hosts.
    ...when(hosts.length > 1 && shared !== undefined && resolution !== 'NONE', () =>
      refused(`It has several hosts on port ${shared?.number}, which is neither HTTP nor TLS`),
    ),
  ];
}

function isAddressOrBlock(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function portFaults({ ports, hosts }: ServiceEntry): readonly Fault[] {
  const unknown = ports.find((port) => !isKnownProtocol(port));
  const udp = ports.find(({ protocol }) => protocol === 'UDP');
  const twice = repeated(ports.map(({ number }) => number));
  const sameName = repeated(ports.map(({ name }) => name));
  const onTls = ports.find((port) => isHttp(port) && port.number === 443 && port.target === 443);
  const onPlain = ports.find((port) => isTls(port) && port.number === 80);
  return [
    ...when(ports.length === 0 && hosts.length > 0, () => ({
      because: 'It has no ports, so there is nothing to connect to',
      symptom: 'unknownDestination',
    })),
    ...when(unknown !== undefined, () =>
      refused(
        `The protocol "${short(unknown?.protocol)}" of port ${unknown?.number} is not supported by Istio`,
      ),
    ),
    ...when(udp !== undefined, () => ({
      because: `Port ${udp?.number} is UDP, which sidecars do not handle`,
      symptom: 'datagrams',
    })),
    ...when(twice !== undefined, () => refused(`It defines port ${twice} twice`)),
    ...when(sameName !== undefined, () => refused(`It has two ports of the name "${short(sameName)}"`)),
    ...when(onTls !== undefined, () => ({
      because:
        'Port 443 is declared as HTTP; that works only for applications that speak plain HTTP to it while a DestinationRule originates TLS',
      symptom: 'tlsToPlain',
    })),
    ...when(onPlain !== undefined, () => ({
      because: `Port 80 is declared as ${onPlain?.protocol}`,
      symptom: 'plainToTls',
    })),
  ];
}

/** The first value that was there before. */
function repeated<T>(values: readonly T[]): T | undefined {
  const before = new Set<T>();
  return values.find((value) => before.size === before.add(value).size);
}

function resolutionFaults(entry: ServiceEntry): readonly Fault[] {
  const { endpoints, workloadSelector, ports } = entry;
  const names = new Set(ports.map(({ name }) => name));
  const stray = endpoints.flatMap((one) => Object.keys(one.ports)).find((name) => !names.has(name));
  return [
    ...when(workloadSelector !== null && endpoints.length > 0, () =>
      refused('It has both endpoints and a workload selector'),
    ),
    ...when(stray !== undefined, () =>
      refused(`An endpoint has a port "${short(stray)}", which the entry does not define`),
    ),
    ...BY_RESOLUTION[entry.resolution](entry),
  ];
}

const BY_RESOLUTION: Readonly<Record<ServiceEntry['resolution'], (entry: ServiceEntry) => readonly Fault[]>> =
  {
    NONE: ({ endpoints }) =>
      when(endpoints.length > 0, () => refused('It has endpoints, but resolution NONE ignores them')),
    STATIC: staticFaults,
    DNS: dnsFaults,
    DNS_ROUND_ROBIN: (entry) => [
      ...dnsFaults(entry),
      ...when(entry.endpoints.length > 1, () =>
        refused('It has several endpoints, of which resolution DNS_ROUND_ROBIN takes one'),
      ),
    ],
    DYNAMIC_DNS: dynamicFaults,
  };

function staticFaults({ hosts, endpoints, workloadSelector }: ServiceEntry): readonly Fault[] {
  const name = endpoints.find(({ address }) => !isStatic(address))?.address;
  // An entry for the name of a Kubernetes service adds to that service, which has endpoints of its own.
  const decorates = hosts.some((host) => /\.svc(\.|$)/.test(host));
  return [
    ...when(endpoints.length === 0 && workloadSelector === null && !decorates, () => ({
      because: 'Its resolution is STATIC, but it has no endpoints',
      symptom: 'noEndpoint',
    })),
    ...when(name !== undefined, () =>
      refused(`Its resolution is STATIC, but the endpoint "${short(name)}" is not an address`),
    ),
  ];
}

/** Empty: in another network, by way of its gateway. */
const isStatic = (address: string): boolean =>
  address === '' || address.startsWith('unix://') || isIP(address) !== 0;

function dnsFaults({ hosts, addresses, endpoints, resolution }: ServiceEntry): readonly Fault[] {
  const wildcard = hosts.find(isWildcard);
  const socket = endpoints.find(({ address }) => address === '' || address.startsWith('unix://'));
  return [
    ...when(wildcard !== undefined && endpoints.length === 0, () => ({
      because: `Its resolution is ${resolution}, but "${short(wildcard)}" is a wildcard, which no resolver answers`,
      symptom: 'nameResolution',
    })),
    ...when(
      addresses.some((address) => address.includes('/')),
      () => refused(`It has a CIDR block, which resolution ${resolution} does not allow`),
    ),
    ...when(socket !== undefined, () =>
      refused(`Its resolution is ${resolution}, but the endpoint "${short(socket?.address)}" is not a name`),
    ),
  ];
}

const DYNAMIC = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

function dynamicFaults({ hosts, addresses, endpoints, ports }: ServiceEntry): readonly Fault[] {
  const exact = hosts.find((host) => !isWildcard(host));
  const other = ports.find(({ protocol }) => !DYNAMIC.has(protocol));
  return [
    ...when(exact !== undefined, () =>
      refused(`"${short(exact)}" is not a wildcard, which resolution DYNAMIC_DNS requires`),
    ),
    ...when(addresses.length > 0 || endpoints.length > 0, () =>
      refused('It has addresses or endpoints, which resolution DYNAMIC_DNS does not allow'),
    ),
    ...when(other !== undefined, () =>
      refused(
        `Port ${other?.number} is ${short(other?.protocol)}, for which resolution DYNAMIC_DNS cannot determine the host`,
      ),
    ),
  ];
}

function exportFaults({ exportTo }: ServiceEntry): readonly Fault[] {
  const mixed = exportTo.length > 1 && (exportTo.includes('*') || exportTo.includes('~'));
  return [
    ...when(mixed, () => refused('It is exported to "*" or "~" and to other namespaces as well')),
    ...when(exportTo.length === 1 && exportTo[0] === '~', () => ({
      because: 'It is exported to no namespace ("~")',
      symptom: 'unknownDestination',
    })),
  ];
}

/** Text of the cluster is hostile, and long. */
const short = (text: string | undefined): string => (text ?? '').slice(0, 100);
