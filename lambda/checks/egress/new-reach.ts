import { isNothing, subtract } from '../../egress/sets/address-set.ts';
import { NO_PORTS, type Ports, printPorts, readPorts, subtractPorts } from '../../egress/sets/port-set.ts';
import { externalRanges, fromExternalRanges } from '../../egress/sets/printed.ts';
import type { ExternalRange, InternetReach } from '../../egress/sets/reach.ts';
import { portsText, rangeText } from '../../egress/sets/words.ts';
import type { NewFacts } from '../../findings/changed.ts';
import type { Evidence, Json } from '../../findings/finding.ts';
import { isNumber, isObject, isText, newItems } from '../new-facts.ts';
import { describeReach } from './reach.ts';

/** Shares of public addresses that became larger: of the finding, on the ports that it means. */
export const widerInternet =
  (where: string): NewFacts =>
  (before, now) => {
    const isKnown = isNumber(before['ipv4Share']) && isNumber(before['ipv6Share']);
    const wider = isKnown ? widened(shareIn(before), shareIn(now)) : null;
    return wider === null ? [] : [`reaches ${describeReach(wider)}${where}`];
  };

/** The same of each port in a list of them. */
export const widerPorts: NewFacts = newItems('ports', 'ports', (before, now) => {
  const shares = new Map(before.filter(isObject).map((one) => [one['port'], shareIn(one)]));
  return now.filter(isObject).flatMap((one) => {
    const wider = widened(shares.get(one['port']) ?? { ipv4: 0, ipv6: 0 }, shareIn(one));
    return wider === null ? [] : [`reaches ${describeReach(wider)} on TCP ${JSON.stringify(one['port'])}`];
  });
});

/** Host rules that were not there, or on fewer ports. */
export const newHosts: NewFacts = newItems('hosts', 'names', (before, now) => {
  const ports = new Map(before.map((one) => [hostOf(one), portsIn(one)]));
  return now.flatMap((one) => {
    const host = hostOf(one);
    const known = ports.get(host);
    const more = subtractPorts(portsIn(one), known ?? NO_PORTS);
    if (host === null || (known !== undefined && more.length === 0)) return [];
    return [isText(one) ? `reaches ${host}` : `reaches ${host} on ${portsText(printPorts(more))}`];
  });
});

/** Addresses that no earlier range covers on these ports: ranges that were split or became smaller are not new. */
export const newRanges: NewFacts = newItems('ranges', 'addresses', (before, now) => {
  const more = subtract(
    fromExternalRanges(now.flatMap(rangesIn)),
    fromExternalRanges(before.flatMap(rangesIn)),
  );
  if (isNothing(more)) return [];
  return externalRanges(more).map((range) => `reaches ${rangeText(range)} on ${portsText(range.ports)}`);
});

const shareIn = ({ ipv4Share, ipv6Share }: Evidence): InternetReach => ({
  ipv4: isNumber(ipv4Share) ? ipv4Share : 0,
  ipv6: isNumber(ipv6Share) ? ipv6Share : 0,
});

/** The families whose share is larger now; `null`: neither. */
function widened(before: InternetReach, now: InternetReach): InternetReach | null {
  const ipv4 = now.ipv4 > before.ipv4 ? now.ipv4 : 0;
  const ipv6 = now.ipv6 > before.ipv6 ? now.ipv6 : 0;
  return ipv4 > 0 || ipv6 > 0 ? { ipv4, ipv6 } : null;
}

const hostOf = (item: Json): string | null => {
  const host = isObject(item) ? item['host'] : item;
  return isText(host) ? host : null;
};

/** Numbers are ports of TCP. */
const portsIn = (item: Json) => (isObject(item) ? readPorts(portsOf(item['ports'])) : NO_PORTS);

function portsOf(ports: Json | undefined): Ports {
  if (ports === 'all') return ports;
  if (!Array.isArray(ports)) return [];
  return ports.flatMap((port: Json): Exclude<Ports, 'all'> => {
    if (isNumber(port)) return [{ protocol: 'TCP', from: port, to: port }];
    if (!isObject(port)) return [];
    const { protocol, from, to } = port;
    const isKnown = protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP';
    return isKnown && isNumber(from) && isNumber(to) ? [{ protocol, from, to }] : [];
  });
}

function rangesIn(item: Json): readonly ExternalRange[] {
  if (!isObject(item)) return [];
  const { from, to, ports } = item;
  return isText(from) && isText(to) ? [{ from, to, ports: portsOf(ports) }] : [];
}
