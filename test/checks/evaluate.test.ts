import { describe, expect, test } from '@jest/globals';
import { judgeInventory } from '../../lambda/audit/audit-cluster.ts';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { defaultConfig, parseConfig } from '../../lambda/config/load.ts';
import { MOST_PATCHED } from '../../lambda/findings/drawn-patch.ts';
import type { Gap } from '../../lambda/inventory/gap.ts';
import type { ImageFacts, SbomFormat, SbomPlace } from '../../lambda/inventory/images.ts';
import type { Inventory } from '../../lambda/inventory/inventory.ts';
import { NO_NETWORK } from '../../lambda/inventory/network.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { MESH_RESOURCES, POLICY_RESOURCES } from '../../lambda/inventory/resources.ts';
import { aContainer, aPod, aSpec, CLUSTER, classesOf, DAY, HOUR, NOW } from '../support/builders.ts';

function anInventory(pods: readonly PodRecord[], gaps: readonly Gap[] = []): Inventory {
  return {
    cluster: CLUSTER,
    classes: classesOf(pods),
    measured: true,
    images: { level: 'sbom-collect', facts: new Map() },
    policies: [],
    mesh: [],
    meshConfigs: new Map(),
    namespaces: new Map(),
    network: NO_NETWORK,
    gaps,
    notes: [],
    totals: { pods: pods.length, completed: 0, terminating: 0, workloads: 1, namespaces: 1, nodes: 1 },
  };
}

const gap = (resource: Gap['resource'], scope?: Gap['scope']): Gap => ({
  resource,
  reason: 'forbidden',
  message: 'It is forbidden.',
  remedy: 'Allow it.',
  ...(scope ? { scope } : {}),
});

/** Every check applies: without approved destinations one does not. */
const CONFIG = parseConfig('egress: { approved: [{ name: a, cidr: 192.0.2.0/24 }] }', 'f', []);

const audit = (inventory: Inventory, config = CONFIG) => judgeInventory(inventory, { config, now: NOW });
const hardened = aSpec({
  containers: [
    aContainer('app', {
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      image: `a@sha256:${'0'.repeat(64)}`,
    }),
  ],
});

describe('evaluating an inventory', () => {
  test('the worst workloads have patches, the worst first, however many there are and in whatever order', () => {
    const workload = (name: string, days = 1): PodRecord =>
      aPod({
        name: `${name}-0`,
        uid: name,
        owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
        startedAt: NOW - days * DAY,
      });
    const many = Array.from({ length: 5 * MOST_PATCHED }, (_, index) => workload(`w${1000 + index}`));
    const worst = [workload('a-worst', 400), workload('worst', 400)];
    const { patches = [], findings } = audit(anInventory([...many, ...worst].reverse()));
    expect(patches).toHaveLength(MOST_PATCHED);
    const names = patches.map(({ workload: of }) => of.slice(of.lastIndexOf('/') + 1));
    expect(names.slice(0, 3)).toEqual(['a-worst', 'worst', 'w1000']);
    const causes = new Set(findings.map(({ cause }) => cause?.id));
    expect(patches.flatMap((of) => of.patches).every(({ cause }) => causes.has(cause))).toBe(true);
    expect(audit(anInventory([...worst, ...many])).patches).toEqual(patches);
  });

  test('a workload has eight patches at most, and none that is too long to be read', () => {
    const image = `r.example/${'a'.repeat(200)}:latest`;
    const imageId = `r.example/${'a'.repeat(200)}@sha256:${'b'.repeat(64)}`;
    const containers = Array.from({ length: 14 }, (_, index) => aContainer(`c${index}`, { image, imageId }));
    const patchesOf = (count: number) =>
      audit(
        anInventory([aPod({ spec: aSpec({ containers: containers.slice(0, count) }) })]),
      ).patches?.flatMap(({ patches }) => patches) ?? [];
    const texts = (count: number) => JSON.stringify(patchesOf(count).map(({ document }) => document));
    expect(texts(2)).toContain('sha256:');
    expect(patchesOf(14)).toHaveLength(8);
    expect(texts(14)).not.toContain('sha256:');
  });

  test('images whose only SBOM is one that no search can read are counted in a note', () => {
    const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
    const place = (format: SbomFormat): SbomPlace => ({
      format,
      via: 'referrer',
      subject: digest('a'),
      manifest: digest('e'),
      blob: { digest: digest('f'), mediaType: 'text/spdx', size: 1 },
    });
    const unread = { reason: 'forbidden', message: 'It is forbidden.', remedy: 'Allow it.' } as const;
    const facts = (letter: string, ...formats: readonly SbomFormat[]): ImageFacts => ({
      running: { form: 'repo-digest', digest: digest(letter) },
      repository: unread,
      cached: unread,
      pushedAt: unread,
      sbom: { value: formats.map(place) },
    });
    const all = new Map<string, ImageFacts>([
      ['b:1 id', facts('b', 'other', 'other')],
      ['b:latest id', facts('b', 'other')],
      ['c:1 id', facts('c', 'other', 'spdx-json')],
      ['d:1 id', facts('d')],
      ['e:1 id', { ...facts('e'), sbom: unread }],
      [
        'f:1 id',
        {
          running: { form: 'repo-digest', digest: digest('f') },
          repository: unread,
          cached: unread,
          pushedAt: unread,
        },
      ],
    ]);
    const notes = (known: ReadonlyMap<string, ImageFacts>) =>
      audit({ ...anInventory([aPod()]), images: { level: 'sbom-presence', facts: known } }).notes;
    const text =
      'no SBOM in SPDX or CycloneDX JSON but one in another format, which sbom find cannot search.';
    expect(notes(all)).toEqual([`1 image (b:1) has ${text}`]);
    expect(notes(new Map([...all, ['a:2 id', facts('a', 'other')]]))).toEqual([
      `2 images, such as a:2, have ${text}`,
    ]);
    // Named by digest, and not started yet.
    const named: ImageFacts = { ...facts('g', 'other'), running: { form: 'none', digest: null } };
    const unnamed = ['g@sha256:9 ', 'h@sha256:8 '].map((key) => [key, named] as const);
    expect(notes(new Map(unnamed))).toEqual([`2 images, such as g@sha256:9, have ${text}`]);
    expect(notes(new Map([['d:1 id', facts('d')]]))).toEqual([]);
  });

  test('what nothing is wrong with has no patch', () => {
    expect(audit(anInventory([aPod({ spec: hardened })])).patches).toBeUndefined();
  });

  test('one finding for each check, workload and container, with the pods of all revisions behind it', () => {
    const revision = (hash: string, i: number, days: number): PodRecord =>
      aPod({
        name: `web-${hash}-${i}`,
        labels: { 'pod-template-hash': hash },
        owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${hash}` },
        startedAt: NOW - days * DAY,
      });
    const { findings } = audit(
      anInventory([revision('a', 1, 40), revision('a', 2, 41), revision('b', 1, 99), revision('b', 2, 1)]),
    );
    const [old] = findings.filter(({ check }) => check === 'pod-too-old');
    expect(findings.filter(({ check }) => check === 'pod-too-old')).toHaveLength(1);
    expect(old).toMatchObject({
      workload: { namespace: 'shop', kind: 'Deployment', name: 'web' },
      pods: {
        count: 3,
        examples: ['web-b-1', 'web-a-2', 'web-a-1'],
        oldestStartedAt: new Date(NOW - 99 * DAY).toISOString(),
      },
      evidence: { oldestAgeSeconds: 99 * 86_400 },
      status: 'new',
      firstSeen: new Date(NOW).toISOString(),
    });
    expect(old?.id).toMatch(/^[0-9a-f]{64}$/);
  });

  test('several kinds that are missing for one cause are one record for each check that needs them', () => {
    const behind = [...POLICY_RESOURCES, ...MESH_RESOURCES].map((resource) => gap(resource));
    const { notEvaluated, tallies } = audit(anInventory([aPod()], behind));
    const ofCheck = (id: string) => notEvaluated.filter(({ check }) => check === id);
    expect(ofCheck('egress-unrestricted')).toHaveLength(1);
    expect(ofCheck('mesh-service-entry-broken')).toHaveLength(1);
    expect(tallies.find(({ check }) => check === 'egress-unrestricted')).toMatchObject({ notEvaluated: 1 });
    const other: Gap = { ...gap('tiers.projectcalico.org'), message: 'It is something else.' };
    const two = audit(anInventory([aPod()], [...behind, other]));
    expect(two.notEvaluated.filter(({ check }) => check === 'egress-unrestricted')).toHaveLength(2);
  });

  test('a failing class outweighs a passing and an open one', () => {
    const { tallies } = audit(
      anInventory([aPod(), aPod({ name: 'old', startedAt: NOW - 99 * DAY, spec: hardened })]),
    );
    expect(tallies.find(({ check }) => check === 'pod-too-old')).toEqual({
      check: 'pod-too-old',
      pass: 0,
      fail: 1,
      notEvaluated: 0,
    });
  });

  test.each(POLICY_RESOURCES)(
    'without %s exactly the checks that need policies are not evaluated',
    (resource) => {
      const { findings, notEvaluated } = audit(anInventory([aPod()], [gap(resource)]));
      const open = notEvaluated.filter(({ reason }) => reason === 'forbidden').map(({ check }) => check);
      expect(open.sort()).toEqual([
        'egress-insecure-port',
        'egress-instance-metadata',
        'egress-package-registry',
        'egress-policy-not-enforced',
        'egress-unapproved',
        'egress-unrestricted',
        'runtime-library-update',
      ]);
      expect(findings.map(({ check }) => check)).toContain('writable-root-filesystem');
      expect(findings.map(({ check }) => check)).not.toContain('egress-unrestricted');
    },
  );

  test.each(MESH_RESOURCES)('without %s only checks of the mesh are open', (resource) => {
    const { notEvaluated } = audit(anInventory([aPod()], [gap(resource)]));
    const open = notEvaluated.filter(({ reason }) => reason === 'forbidden').map(({ check }) => check);
    expect(open.length).toBeGreaterThan(0);
    expect(open.filter((check) => !check.startsWith('mesh-'))).toEqual([]);
  });

  test('without all pods no check passes, and failures are kept', () => {
    const { findings, notEvaluated, tallies, outcome } = audit(anInventory([aPod()], [gap('pods')]));
    expect(outcome).toBe('audited');
    expect(findings.map(({ check }) => check)).toContain('writable-root-filesystem');
    expect(tallies.every(({ pass }) => pass === 0)).toBe(true);
    const whole = notEvaluated.filter(({ workload }) => workload === null).map(({ check }) => check);
    expect(new Set(whole)).toEqual(new Set(CATALOGUE.map(({ id }) => id)));
  });

  test('a cluster of which nothing could be read has failed', () => {
    const { outcome, tallies, findings } = audit(anInventory([], [gap(null)]));
    expect(outcome).toBe('failed');
    expect(findings).toEqual([]);
    expect(tallies.every(({ pass, notEvaluated }) => pass === 0 && notEvaluated === 1)).toBe(true);
  });

  test('an empty cluster that was read is no failure, and no all clear either', () => {
    const { outcome, findings, notEvaluated } = audit(anInventory([]));
    expect({ outcome, findings }).toEqual({ outcome: 'audited', findings: [] });
    expect(notEvaluated).toMatchObject([
      {
        reason: 'nothing-to-judge',
        workload: null,
        message: expect.stringContaining('although there is a node'),
      },
    ]);
  });

  test('a cluster to whose pods no check applies is no all clear', () => {
    const all = defaultConfig();
    const off = { ...all, checks: Object.fromEntries(CATALOGUE.map(({ id }) => [id, 'off' as const])) };
    expect(audit(anInventory([aPod()]), off).notEvaluated).toMatchObject([{ reason: 'nothing-to-judge' }]);
  });

  test('one broken pod leaves the others judged and itself not evaluated', () => {
    const scope = { namespace: 'shop', kind: 'Pod', name: 'broken' };
    const { notEvaluated, tallies } = audit(anInventory([aPod({ spec: hardened })], [gap('pods', scope)]));
    expect(notEvaluated.filter(({ workload }) => workload?.name === 'broken')).toHaveLength(CATALOGUE.length);
    expect(tallies.find(({ check }) => check === 'writable-root-filesystem')).toMatchObject({
      pass: 1,
      notEvaluated: 1,
    });
  });

  test('severities follow the configuration, and a check that is off does not appear', () => {
    const config = {
      ...defaultConfig(),
      checks: { 'writable-root-filesystem': 'critical', 'pod-too-old': 'off' } as const,
    };
    const { findings, tallies } = audit(anInventory([aPod({ startedAt: NOW - 99 * DAY })]), config);
    expect(findings.find(({ check }) => check === 'writable-root-filesystem')?.severity).toBe('critical');
    expect(findings.some(({ check }) => check === 'pod-too-old')).toBe(false);
    expect(tallies.some(({ check }) => check === 'pod-too-old')).toBe(false);
  });

  test('limits can differ by namespace', () => {
    const config = defaultConfig();
    const overrides = [
      {
        match: { clusters: null, namespaces: ['sho*'], kinds: null, labels: null },
        limits: { podMaxAge: HOUR },
      },
    ];
    const { findings } = audit(anInventory([aPod()]), { ...config, overrides });
    expect(findings.find(({ check }) => check === 'pod-too-old')?.evidence['limitSeconds']).toBe(3600);
  });

  test('a finding of an ended pod names the pod and says so', () => {
    const { findings } = audit(
      anInventory([
        aPod({ name: 'a', phase: 'Failed', createdAt: NOW - DAY }),
        aPod({ name: 'b', phase: 'Failed', createdAt: NOW }),
      ]),
    );
    expect(findings.find(({ check }) => check === 'writable-root-filesystem')).toMatchObject({
      pods: { count: 1, examples: ['b'] },
      message:
        'Container app can write its root filesystem: readOnlyRootFilesystem is not set. None of its pods is running; this result is for the newest one, b, which has failed.',
    });
  });

  test('ended pods have no findings that are only about running ones: ages, debug containers', () => {
    const debugged = aSpec({ containers: [aContainer(), aContainer('dbg', { type: 'ephemeral' })] });
    const { findings, notEvaluated } = audit(
      anInventory([aPod({ phase: 'Failed', spec: debugged, startedAt: NOW - 90 * DAY })]),
    );
    const ofRunning = ['pod-too-old', 'container-too-old', 'debug-container-attached'];
    expect([...findings, ...notEvaluated].filter(({ check }) => ofRunning.includes(check))).toEqual([]);
  });

  test('the ended pods of a Job that was not read decide nothing', () => {
    const { findings, notEvaluated } = audit(
      anInventory([
        aPod({ phase: 'Succeeded', labels: {}, owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'j' } }),
      ]),
    );
    expect(findings).toEqual([]);
    const ofJob = notEvaluated.filter(({ workload }) => workload?.kind === 'Job');
    expect(ofJob).toContainEqual(
      expect.objectContaining({
        check: 'writable-root-filesystem',
        reason: 'no-running-pod',
        pods: 1,
        message: expect.stringContaining('their owner was not read'),
        remediation: expect.stringContaining('Grant list on jobs'),
      }),
    );
    expect(ofJob.map(({ check }) => check)).not.toContain('pod-too-old');
  });

  test('a check that the configuration leaves without a question counts nothing, and is said once', () => {
    const { tallies, notEvaluated, findings, notes, basis } = audit(
      anInventory([aPod()], [gap('networkpolicies')]),
      defaultConfig(),
    );
    const id = 'egress-unapproved';
    expect([...tallies, ...notEvaluated, ...findings].filter(({ check }) => check === id)).toEqual([]);
    expect(notes).toEqual([
      'egress-unapproved does not apply: the configuration approves no destination (egress.approved).',
    ]);
    expect(basis?.checksOff).toEqual([]);
    const off = { ...defaultConfig(), checks: { [id]: 'off' as const } };
    expect(audit(anInventory([aPod()]), off).notes).toEqual([]);
  });

  test('clocks that disagree are noted', () => {
    expect(audit(anInventory([aPod({ startedAt: NOW + 90_000 })])).notes).toEqual([
      '1 pod starts in the future, by up to 90 s (clocks disagree): the age counts as 0.',
    ]);
  });

  test.each([
    ['the larger class says the cause', [1, 3], ['no-egress-policy', 'host-network']],
    ['of equal classes the preferred cause is said', [2, 2], ['host-network', 'no-egress-policy']],
  ] as const)('where classes differ %s, and what the other one leaves', (_, [onHost, alone], expected) => {
    const podsOf = (hash: string, count: number, hostNetwork: boolean): readonly PodRecord[] =>
      Array.from({ length: count }, (_pod, at) =>
        aPod({
          name: `web-${hash}-${at}`,
          labels: { 'pod-template-hash': hash },
          owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${hash}` },
          spec: { ...hardened, hostNetwork },
        }),
      );
    const old = podsOf('a', onHost, true);
    const others = podsOf('b', alone, false);
    for (const pods of [
      [...old, ...others],
      [...others, ...old],
    ]) {
      const { findings } = audit(anInventory(pods));
      const found = findings.find(({ check }) => check === 'egress-insecure-port');
      expect([found?.cause?.kind, found?.remainsBy?.kind]).toEqual(expected);
      const rest = findings.find(({ check }) => check === 'egress-host-network');
      expect([rest?.cause?.kind, rest?.remainsBy]).toEqual(['host-network', undefined]);
    }
  });
});

describe('what runs in a cluster', () => {
  const running = (namespace: string, name: string, days: number): PodRecord =>
    aPod({ namespace, name, startedAt: NOW - days * DAY });

  test('pods are counted by age and by namespace, whatever is found about them, without excluded namespaces', () => {
    const pods = [
      running('a', 'x', 0.5),
      running('a', 'y', 8),
      running('b', 'z', 100),
      running('ci-1', 'c', 3),
    ];
    const config = parseConfig('namespaces: { exclude: ["ci-*"] }', 'f', []);
    expect(audit(anInventory(pods), config).population).toEqual({
      ages: [1, 0, 1, 0, 1, 0],
      namespaces: [
        { namespace: 'a', workloads: 1, pods: 2 },
        { namespace: 'b', workloads: 1, pods: 1 },
      ],
    });
  });

  test('where not all pods could be read nothing is said of how many run', () => {
    expect(audit(anInventory([running('a', 'x', 1)], [gap('pods')])).population).toBeUndefined();
  });
});
