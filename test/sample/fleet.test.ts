import { describe, expect, test } from '@jest/globals';
import { days } from './fleet/kubernetes.ts';
import { containersOf, labelsOf, ownerOf, pathOf, type ReadCluster, readFleet } from './read-fleet.ts';

const NOW = Date.parse('2026-10-05T08:00:00Z');
const fleet = readFleet(NOW);
const everything = fleet.flatMap((cluster) => cluster.objects.map((object) => ({ cluster, object })));
const allPods = fleet.flatMap((cluster) => cluster.pods.map((pod) => ({ cluster, pod })));

describe('as an API server would serve it', () => {
  test('every object is unique by kind, namespace and name, and by uid', () => {
    const paths = everything.map(({ cluster, object }) => `${cluster.name}/${pathOf(object)}`);
    expect(new Set(paths).size).toBe(paths.length);
    const uids = everything.map(({ object }) => object.metadata.uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) expect(uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('every owner exists under its uid, and only pods made by hand have none', () => {
    const bare: string[] = [];
    for (const { cluster, object } of everything) {
      const owner = ownerOf(object);
      if (owner === undefined && object.kind === 'Pod') bare.push(pathOf(object));
      if (owner === undefined) continue;
      const found = cluster.byUid.get(owner.uid);
      expect(found).toMatchObject({ kind: owner.kind, metadata: { name: owner.name } });
    }
    expect(bare.sort()).toEqual([
      'notebooks/Pod/jupyter-alice',
      'playground/Pod/netshoot',
      'playground/Pod/pentest-leftover',
    ]);
  });

  test('every pod runs on a node that exists, with its address, and no longer than the node', () => {
    for (const { cluster, pod } of allPods) {
      const node = cluster.byPath.get(`/Node/${pod.spec.nodeName}`);
      const status = node?.['status'] as { addresses: { address: string }[] } | undefined;
      expect(status?.addresses[0]?.address).toBe(pod.status.hostIP);
      const created = String(pod.metadata['creationTimestamp']);
      expect(created >= String(node?.metadata['creationTimestamp'])).toBe(true);
    }
  });

  test('pods share an address only with their node', () => {
    const own = allPods.filter(({ pod }) => pod.status.podIP !== undefined && !pod.spec.hostNetwork);
    expect(new Set(own.map(({ pod }) => pod.status.podIP)).size).toBe(own.length);
    const host = allPods.filter(({ pod }) => pod.spec.hostNetwork);
    for (const { pod } of host) expect(pod.status.podIP).toBe(pod.status.hostIP);
  });

  test('every namespace that is used exists', () => {
    for (const { cluster, object } of everything) {
      const { namespace } = object.metadata;
      if (namespace !== undefined) expect(cluster.byPath.get(`/Namespace/${namespace}`)).toBeDefined();
    }
  });

  test('every service account under which a pod runs exists', () => {
    const named = allPods.filter(({ pod }) => pod.spec.serviceAccountName !== undefined);
    expect(named.length).toBeGreaterThan(0);
    for (const { cluster, pod } of named) {
      const path = `${pod.metadata.namespace}/ServiceAccount/${pod.spec.serviceAccountName}`;
      expect(cluster.byPath.get(path)).toBeDefined();
    }
  });

  test('every mount has its volume, and what a validator checks holds', () => {
    for (const { pod } of allPods) {
      const volumes = new Set(pod.spec.volumes?.map((volume) => volume.name));
      const names = containersOf(pod).map((container) => container.name);
      expect(new Set(names).size).toBe(names.length);
      for (const { image, volumeMounts = [] } of containersOf(pod)) {
        expect(image.trim()).toBe(image);
        expect(volumeMounts.filter((mount) => !volumes.has(mount.name))).toEqual([]);
      }
      expect(pod.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
      for (const value of Object.values(labelsOf(pod)))
        expect(value).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
    }
  });

  test('every ReplicaSet counts and selects exactly its pods', () => {
    for (const { cluster, object } of everything) {
      if (object.kind !== 'ReplicaSet') continue;
      const spec = object['spec'] as { replicas: number; selector: { matchLabels: Record<string, string> } };
      const selected = cluster.pods.filter(
        (pod) =>
          pod.metadata.namespace === object.metadata.namespace &&
          Object.entries(spec.selector.matchLabels).every(([key, value]) => labelsOf(pod)[key] === value),
      );
      expect(selected.length).toBe(spec.replicas);
      for (const pod of selected) expect(ownerOf(pod)?.uid).toBe(object.metadata.uid);
    }
  });

  test('pods are as large as pods of real clusters', () => {
    const sizes = allPods.map(({ pod }) => JSON.stringify(pod).length);
    const typical = sizes.filter((size) => size >= 6_000 && size <= 12_000);
    expect(typical.length).toBeGreaterThan(sizes.length * 0.85);
    expect(Math.max(...sizes)).toBeLessThan(20_000);
    expect(allPods.length).toBeGreaterThan(200);
  });
});

describe('times', () => {
  /** Every string under a key that Kubernetes types as `metav1.Time`. */
  function timesIn(value: unknown, key = ''): readonly string[] {
    if (Array.isArray(value)) return value.flatMap((item) => timesIn(item));
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value).flatMap(([name, inner]) => timesIn(inner, name));
    }
    return typeof value === 'string' && /(Time|Timestamp|At|^time|config\.seen)$/.test(key) ? [value] : [];
  }

  test('times are RFC 3339 in UTC', () => {
    const times = everything.flatMap(({ object }) => timesIn(object));
    expect(times.length).toBeGreaterThan(3_000);
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('times lie in the past, except for a clock that is ahead and a grace period that still runs', () => {
    const late = allPods.filter(({ pod }) => timesIn(pod).some((time) => Date.parse(time) > NOW));
    const apps = late.map(({ pod }) => labelsOf(pod)['app']);
    expect(apps.sort()).toEqual(['cart', 'grafana']);
  });

  test('times follow the given now and nothing else', () => {
    expect(JSON.stringify(readFleet(NOW))).toBe(JSON.stringify(fleet));
    const later = readFleet(NOW + days(1));
    expect(JSON.stringify(later)).not.toBe(JSON.stringify(fleet));
    const erp = (of: readonly ReadCluster[]): number[] =>
      of
        .flatMap((cluster) => cluster.pods)
        .flatMap((pod) => (pod.metadata.name.startsWith('erp-') ? [Date.parse(pod.status.startTime)] : []));
    expect(erp(later)).toEqual(erp(fleet).map((time) => time + days(1)));
  });
});
