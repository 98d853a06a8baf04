import { describe, expect, test } from '@jest/globals';
import { type Fields, MalformedObject } from '../../../lambda/collect/fields.ts';
import { readPod, readPodTemplate } from '../../../lambda/collect/pods/read-pod.ts';

const minimal = (change: { metadata?: Fields; spec?: Fields; status?: Fields } = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', ...change.metadata },
  spec: { containers: [{ name: 'app', image: 'nginx' }], ...change.spec },
  ...(change.status ? { status: change.status } : {}),
});

describe('the addresses of a pod', () => {
  const read = (status: Record<string, unknown>, hostNetwork = false) =>
    readPod(
      minimal({
        spec: { containers: [{ name: 'app' }], hostNetwork },
        status: { phase: 'Running', ...status },
      }),
      { addresses: true },
    );
  const addresses = (...pod: Parameters<typeof read>) => read(...pod).addresses;
  const ofNode = (...pod: Parameters<typeof read>) => read(...pod).nodeAddresses;
  const both = { podIP: '10.0.1.2', podIPs: [{ ip: '10.0.1.2' }, { ip: 'fd00::2' }] };

  test('the addresses of a pod are those of podIPs, else that of podIP, and are read only on request', () => {
    expect(addresses(both)).toEqual(['10.0.1.2', 'fd00::2']);
    expect(addresses({ podIP: '10.0.1.2' })).toEqual(['10.0.1.2']);
    expect(addresses({ podIP: '10.0.1.2', podIPs: [] })).toEqual(['10.0.1.2']);
    expect(addresses({ phase: 'Pending' })).toBeUndefined();
    expect(readPod(minimal({ status: both }))).not.toHaveProperty('addresses');
  });

  test('a pod on the host network or a pod that ended has no addresses of its own', () => {
    expect(addresses(both, true)).toBeUndefined();
    expect(addresses({ ...both, phase: 'Succeeded' })).toBeUndefined();
    expect(addresses({ ...both, phase: 'Failed' })).toBeUndefined();
    expect(addresses({ ...both, phase: 'Unknown' })).toEqual(['10.0.1.2', 'fd00::2']);
  });

  test('the addresses of the node are those of hostIPs, else that of hostIP, and also those of the pod on the host network', () => {
    const host = { hostIP: '10.0.9.1', hostIPs: [{ ip: '10.0.9.1' }, { ip: 'fd00::9' }] };
    expect(ofNode({ ...both, ...host })).toEqual(['10.0.9.1', 'fd00::9']);
    expect(ofNode({ hostIP: '10.0.9.1' })).toEqual(['10.0.9.1']);
    expect(ofNode(both)).toBeUndefined();
    expect(ofNode({ podIP: '10.0.9.1', podIPs: host.hostIPs }, true)).toEqual(['10.0.9.1', 'fd00::9']);
    expect(ofNode({ ...host, hostIPs: [], podIP: '10.0.9.1' }, true)).toEqual(['10.0.9.1']);
    expect(ofNode({ ...host, phase: 'Failed' })).toBeUndefined();
    expect(ofNode({ hostIP: 7, hostIPs: [null, 'a', { ip: 7 }] })).toBeUndefined();
    expect(readPod(minimal({ status: host }))).not.toHaveProperty('nodeAddresses');
  });

  test('malformed addresses do not count, and the pod is read all the same', () => {
    expect(addresses({ podIP: 7, podIPs: [null, 'a', { ip: 7 }] })).toBeUndefined();
    expect(addresses({ podIP: '10.0.1.2', podIPs: {} })).toEqual(['10.0.1.2']);
  });
});

describe('reading a pod', () => {
  test('an absent field is null, not a default that a check would judge', () => {
    expect(readPod(minimal())).toMatchObject({
      namespace: 'default',
      owner: null,
      startedAt: null,
      phase: null,
      spec: { os: null, runAsUser: null, hostNetwork: false },
      containerStates: [{ container: 'app', running: null, startedAt: null }],
    });
  });

  test('the service account of a pod is read as the API server defaults it', () => {
    const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
    const accountOf = (spec: Fields, metadata: Fields = {}) =>
      readPod(minimal({ spec, metadata })).serviceAccount;
    expect(accountOf({ serviceAccountName: 'web', serviceAccount: 'old' })).toBe('web');
    expect(accountOf({ serviceAccount: 'old' })).toBe('old');
    expect(accountOf({})).toBe('default');
    expect(accountOf({ serviceAccountName: '' })).toBe('default');
    expect(accountOf({}, mirror)).toBeNull();
    const template = { metadata: mirror, spec: { containers: [{ name: 'app' }] } };
    expect(readPodTemplate(template, { name: 'web', namespace: 'shop' }).serviceAccount).toBe('default');
    expect(() => accountOf({ serviceAccountName: 7 })).toThrow(MalformedObject);
  });

  test('the container types are init, native sidecar, container and ephemeral', () => {
    const pod = readPod(
      minimal({
        spec: {
          initContainers: [{ name: 'init' }, { name: 'mesh', restartPolicy: 'Always' }],
          ephemeralContainers: [{ name: 'debug' }],
        },
      }),
    );
    expect(pod.spec.containers.map(({ name, type }) => [name, type])).toEqual([
      ['init', 'init'],
      ['mesh', 'sidecar'],
      ['app', 'container'],
      ['debug', 'ephemeral'],
    ]);
  });

  test('a separate network interface of a pod is read', () => {
    const annotated = (value: string) =>
      readPod(minimal({ metadata: { annotations: { 'vpc.amazonaws.com/pod-eni': value } } }));
    const value = JSON.stringify([{ eniId: 'eni-0a1b2c3d', privateIp: '10.0.1.2', vlanId: 1 }]);
    expect(annotated(value).networkInterface).toBe('eni-0a1b2c3d');
    expect(annotated('1')).not.toHaveProperty('networkInterface');
    expect(annotated(value).spec).not.toHaveProperty('annotations');
  });

  test('only annotations that something reads are kept, of pods and of templates', () => {
    const annotations = {
      'sidecar.istio.io/status': '{"revision":"canary"}',
      'traffic.sidecar.istio.io/includeOutboundIPRanges': '',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    };
    const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...kept } = annotations;
    expect(readPod(minimal({ metadata: { annotations } })).spec.annotations).toEqual(kept);
    const template = { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
    expect(readPodTemplate(template, { name: 'web', namespace: 'shop' }).spec.annotations).toEqual(kept);
    const broken = minimal({ metadata: { annotations: { 'sidecar.istio.io/status': {} } } });
    expect(() => readPod(broken)).toThrow(MalformedObject);
  });

  test('annotations that were asked for are kept, too, and no others', () => {
    const metadata = { annotations: { 'example.com/team': 'shop', 'example.com/other': 'secret' } };
    const asked = { annotations: ['example.com/team'] };
    const kept = { 'example.com/team': 'shop' };
    expect(readPod(minimal({ metadata }), asked).spec.annotations).toEqual(kept);
    expect(readPod(minimal({ metadata })).spec).not.toHaveProperty('annotations');
    const template = { metadata, spec: { containers: [{ name: 'app' }] } };
    const name = { name: 'web', namespace: 'shop' };
    expect(readPodTemplate(template, name, asked).spec.annotations).toEqual(kept);
    expect(readPodTemplate(template, name).spec).not.toHaveProperty('annotations');
  });

  test('only an owner with controller: true is the controller', () => {
    const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs' };
    expect(readPod(minimal({ metadata: { ownerReferences: [reference] } })).owner).toBeNull();
    const controlled = [
      { ...reference, name: 'other' },
      { ...reference, controller: true },
    ];
    expect(readPod(minimal({ metadata: { ownerReferences: controlled } })).owner).toEqual(reference);
  });

  test('the states of containers are read as running, waiting and finished, also of a pending pod', () => {
    const status = {
      phase: 'Running',
      containerStatuses: [
        { name: 'app', imageID: 'x@sha256:1', state: { running: { startedAt: '2026-01-02T03:04:05Z' } } },
      ],
    };
    expect(readPod(minimal({ status })).containerStates).toEqual([
      { container: 'app', running: true, startedAt: Date.parse('2026-01-02T03:04:05Z') },
    ]);
    const waiting = { phase: 'Running', containerStatuses: [{ name: 'app', state: { waiting: {} } }] };
    expect(readPod(minimal({ status: waiting })).containerStates[0]?.running).toBe(false);
    expect(readPod(minimal({ status: { phase: 'Pending' } })).containerStates[0]?.running).toBe(false);
    expect(readPod(minimal({ status: { phase: 'Running' } })).containerStates[0]?.running).toBeNull();
  });

  test('the operating system comes from spec.os, then from the node selector', () => {
    const selector = { nodeSelector: { 'kubernetes.io/os': 'windows' } };
    expect(readPod(minimal({ spec: selector })).spec.os).toBe('windows');
    expect(readPod(minimal({ spec: { ...selector, os: { name: 'linux' } } })).spec.os).toBe('linux');
    const old = { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } };
    expect(readPod(minimal({ spec: old })).spec.os).toBe('windows');
    const build = { nodeSelector: { 'node.kubernetes.io/windows-build': '10.0.20348' } };
    expect(readPod(minimal({ spec: build })).spec.os).toBe('windows');
  });

  test('the operating system comes from host process containers, else from required node affinity', () => {
    const windowsOptions = { hostProcess: true };
    const osWith = (spec: Record<string, unknown>) => readPod(minimal({ spec })).spec.os;
    expect(osWith({ securityContext: { windowsOptions } })).toBe('windows');
    expect(osWith({ containers: [{ name: 'app', securityContext: { windowsOptions } }] })).toBe('windows');
    const term = (operator: string, ...values: string[]) => ({
      matchExpressions: [{ key: 'kubernetes.io/os', operator, values }],
    });
    const required = (...nodeSelectorTerms: object[]) =>
      osWith({
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
        },
      });
    expect(required(term('In', 'windows'))).toBe('windows');
    expect(required(term('In', 'windows'), term('In', 'linux'))).toBeNull();
    expect(required(term('In', 'windows', 'linux'))).toBeNull();
    expect(required(term('NotIn', 'windows'))).toBeNull();
    expect(required(term('NotIn', 'linux'))).toBe('windows');
    const build = (operator: string) => ({
      matchExpressions: [{ key: 'node.kubernetes.io/windows-build', operator, values: [] }],
    });
    expect(required(build('Exists'))).toBe('windows');
    expect(required(build('DoesNotExist'))).toBeNull();
    expect(required(term('In', 'windows'), { matchFields: [] })).toBeNull();
  });

  test("replicas are equal although each has a separate token volume; mounts of the node's disk stay", () => {
    const replica = (suffix: string) =>
      readPod(
        minimal({
          spec: {
            containers: [
              {
                name: 'app',
                volumeMounts: [
                  { name: 'tmp', mountPath: '/tmp' },
                  { name: `kube-api-access-${suffix}`, mountPath: '/var/run/secrets', readOnly: true },
                ],
              },
            ],
            volumes: [
              { name: 'tmp', emptyDir: {} },
              { name: `kube-api-access-${suffix}`, projected: { sources: [] } },
            ],
          },
        }),
      );
    expect(replica('abcde').spec).toEqual(replica('fghij').spec);
    expect(replica('abcde').spec.containers[0]?.mounts).toEqual([
      { volume: 'tmp', path: '/tmp', readOnly: false },
    ]);
  });

  test('a volume without a source is an emptyDir, as API servers store it', () => {
    const volumes = [
      { name: 'a' },
      { name: 'b', emptyDir: null },
      { name: 'c', hostPath: null },
      { name: 'd', csi: {} },
    ];
    expect(readPod(minimal({ spec: { volumes } })).spec.volumes).toEqual(
      ['a', 'b', 'c'].map((name) => ({ type: 'emptyDir', name, medium: '', sizeLimit: null })),
    );
  });

  test.each(['', 'abc', '1GB', '1 Gi', '$(SIZE)', '1Gi5'])(
    'a sizeLimit that is no quantity is no limit that a check may believe: "%s"',
    (sizeLimit) => {
      const volumes = [{ name: 'tmp', emptyDir: { sizeLimit } }];
      expect(() => readPod(minimal({ spec: { volumes } }))).toThrow('sizeLimit is no quantity');
    },
  );

  test.each(['1', '1.5Gi', '.5Gi', '1e9', '1E3', '100m', '+1Ki', '0', '-1', 1, 0.5, 1e21])(
    'a sizeLimit is read as any quantity: %s',
    (sizeLimit) => {
      const volumes = [{ name: 'tmp', emptyDir: { sizeLimit } }];
      expect(readPod(minimal({ spec: { volumes } })).spec.volumes).toMatchObject([
        { sizeLimit: String(sizeLimit) },
      ]);
    },
  );

  test('values of environment variables are not kept', () => {
    const containers = [{ name: 'app', env: [{ name: 'PASSWORD', value: 'hunter2' }], args: ['hunter2'] }];
    expect(JSON.stringify(readPod(minimal({ spec: { containers } })))).not.toContain('hunter2');
  });

  test.each([
    [
      'spec.containers as text',
      { spec: { containers: 'app' } },
      /spec\.containers should be a list but is a string/,
    ],
    ['no containers', { spec: { containers: [] } }, /spec\.containers is missing/],
    [
      'readOnlyRootFilesystem as text',
      { spec: { containers: [{ name: 'a', securityContext: { readOnlyRootFilesystem: 'true' } }] } },
      /readOnlyRootFilesystem should be true or false/,
    ],
    [
      'a time that is none',
      { status: { startTime: 'yesterday' } },
      /status\.startTime should be an RFC 3339 time/,
    ],
    ['no name', { metadata: { name: '' } }, /metadata\.name is missing/],
    ['hostNetwork as text', { spec: { hostNetwork: 'yes' } }, /spec\.hostNetwork should be true or false/],
    [
      'a label that is no text',
      { metadata: { labels: { a: 1 } } },
      /labels\[a\] should be text but is a number/,
    ],
  ])('a pod with %s is an error that names the path, not an absent field', (_, change, message) => {
    expect(() => readPod(minimal(change as Parameters<typeof minimal>[0]))).toThrow(message);
    expect(() => readPod(minimal(change as Parameters<typeof minimal>[0]))).toThrow(MalformedObject);
  });
});
