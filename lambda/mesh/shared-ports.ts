import type { Fault } from './faults.ts';
import { isOpaque, type ServiceEntry } from './service-entry.ts';

const EVERYWHERE = '*';

/**
 * Without addresses a connection is identified only by its port, which "must not be shared by any other service in
 * the mesh" (https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry, addresses).
 * With resolution NONE it goes where it was sent all the same.
 *
 * @returns of each entry the fault that comes from another
 */
export function sharedPorts(entries: readonly ServiceEntry[]): ReadonlyMap<ServiceEntry, Fault> {
  const byPort = new Map<number, ServiceEntry[]>();
  for (const entry of entries) {
    if (entry.addresses.length > 0 || entry.resolution === 'NONE') continue;
    for (const number of new Set(entry.ports.filter(isOpaque).map((port) => port.number))) {
      const group = byPort.get(number);
      if (group === undefined) byPort.set(number, [entry]);
      else group.push(entry);
    }
  }
  const found = new Map<ServiceEntry, Fault>();
  for (const [number, group] of byPort) {
    const other = otherIn(group);
    for (const entry of group) {
      const met = found.has(entry) ? undefined : other(entry);
      if (met === undefined) continue;
      found.set(entry, {
        because: `It names no address, and ${met.title} takes TCP port ${number} as well`,
        symptom: 'wrongServer',
      });
    }
  }
  return found;
}

/** Finds another entry that the proxies of some namespace get too; of each place two are enough. */
function otherIn(group: readonly ServiceEntry[]): (entry: ServiceEntry) => ServiceEntry | undefined {
  const byPlace = new Map<string, ServiceEntry[]>();
  const anywhere: ServiceEntry[] = [];
  for (const entry of group) {
    const places = placesOf(entry);
    if (places.size > 0 && anywhere.length < 2) anywhere.push(entry);
    for (const place of places) {
      const there = byPlace.get(place) ?? [];
      if (there.length < 2) byPlace.set(place, [...there, entry]);
    }
  }
  return (entry) => {
    const places = placesOf(entry);
    const met = places.has(EVERYWHERE)
      ? anywhere
      : [...places, EVERYWHERE].flatMap((place) => (places.size > 0 ? (byPlace.get(place) ?? []) : []));
    return met.find((one) => one !== entry);
  };
}

/** Namespaces to which an entry is exported; none for `~`. */
const placesOf = ({ exportTo, ref }: ServiceEntry): ReadonlySet<string> =>
  new Set(
    exportTo.length === 0
      ? [EVERYWHERE]
      : exportTo.filter((name) => name !== '~').map((name) => (name === '.' ? ref.namespace : name)),
  );
