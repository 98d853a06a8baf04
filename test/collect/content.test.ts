import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DUMP_COMMAND, DUMPED, kindsNotRead } from '../../lambda/collect/content.ts';
import { POLICY_KINDS } from '../../lambda/collect/policies/policy-kinds.ts';
import { run } from '../cli/run.ts';

const NOW = '2026-11-21T12:00:00Z';
const DIGEST = `@sha256:${'a1'.repeat(32)}`;

const spec = {
  securityContext: { runAsNonRoot: true },
  containers: [
    { name: 'app', image: `r.example.com/app${DIGEST}`, securityContext: { readOnlyRootFilesystem: true } },
  ],
};
const pod = (more: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' }, ...metadata },
  spec,
  ...more,
});
const status = {
  phase: 'Running',
  startTime: '2026-11-20T12:00:00Z',
  containerStatuses: [{ name: 'app', state: { running: { startedAt: '2026-11-20T12:00:00Z' } } }],
};
const running = pod({ status }, { uid: 'u1' });
const deny = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Egress'] },
};
const list = (...items: readonly object[]) => ({ apiVersion: 'v1', kind: 'List', items });

interface Row {
  readonly check: string;
  readonly reason: string;
  readonly message: string;
  readonly workload: { readonly kind: string } | null;
}

async function audit(input: object | string, ...flags: readonly string[]) {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const argv = ['audit', '--snapshot', '-', '--now', NOW, '-o', 'json', ...flags];
  const { code, stdout } = await run(argv, text);
  const document = JSON.parse(stdout) as {
    clusters: readonly { notes: readonly string[]; totals: { pods: number } }[];
    findings: readonly Row[];
    notEvaluated: readonly Row[];
    summary: unknown;
  };
  const open = document.notEvaluated.filter(({ workload }) => workload === null);
  return { code, ...document, open: [...new Set(open.map(({ check }) => check))] };
}

describe('a dump', () => {
  test('a dump leaves checks not evaluated that need kinds which do not occur in it', async () => {
    const { code, open, notEvaluated, findings } = await audit(list(running, deny));
    expect(open).toEqual(
      expect.arrayContaining(['egress-unrestricted', 'egress-package-registry', 'mesh-allows-any']),
    );
    expect(notEvaluated.find(({ workload }) => workload === null)).toMatchObject({
      reason: 'not-in-snapshot',
      message: expect.stringMatching(
        /^The snapshot is a dump in which AdminNetworkPolicy, .* and 1\d more kinds/,
      ),
      remediation: expect.stringMatching(/eks-drift-audit snapshot --out FILE.*--complete/),
    });
    expect(findings).toEqual([]);
    expect(code).toBe(3);
  });

  test('the remedy for a dump does not ask for permissions where none is missing', async () => {
    const writable = pod({ status, spec: { containers: [{ name: 'app', image: 'a' }] } }, { uid: 'u' });
    const { notEvaluated } = await audit(list(writable));
    expect(notEvaluated.find(({ check }) => check === 'runtime-library-update')).toMatchObject({
      reason: 'not-in-snapshot',
      remediation: expect.stringMatching(/--complete/),
    });
  });

  test('a dump is recognised by a uid, a resourceVersion or the status of a pod, also where the rest is manifests', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { spec } },
    };
    for (const one of [
      pod({}, { uid: 'u' }),
      pod({}, { resourceVersion: '7' }),
      pod({ status: { phase: 'Running' } }),
    ]) {
      expect((await audit(list(one, deployment))).open).toContain('egress-unrestricted');
    }
    const empty = { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '7' }, items: [] };
    expect((await audit(list(deployment, empty))).open).toContain('egress-unrestricted');
  });

  test('a dump that --complete calls complete is decided', async () => {
    const { open, notEvaluated } = await audit(list(running, deny), '--complete');
    expect(open).toEqual([]);
    expect(notEvaluated.every(({ reason }) => reason !== 'not-in-snapshot')).toBe(true);
  });

  test('a dump without pods leaves every check not evaluated', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', uid: 'u' },
      spec: { template: { spec } },
    };
    const { open, summary, code } = await audit(list(deployment));
    expect(open).toContain('writable-root-filesystem');
    expect(JSON.stringify(summary)).not.toMatch(/"pass":[1-9]/);
    expect(code).toBe(3);
  });

  test('a dump holds a kind of which it has an empty list with that kind', () => {
    const named = (holds: readonly ('pods' | 'networkpolicies')[]) =>
      kindsNotRead({ form: 'dump', holds: new Set(holds), complete: false }).map(({ resource }) => resource);
    expect(named(['pods'])).toContain('networkpolicies');
    expect(named(['pods', 'networkpolicies'])).not.toContain('networkpolicies');
  });

  test('a dump without a policy engine fails for policies that are not enforced only with --complete', async () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'n' } };
    const placed = pod(
      { spec: { ...spec, nodeName: 'n' }, status: { phase: 'Running', startTime: '2026-11-20T12:00:00Z' } },
      { uid: 'u' },
    );
    const fails = (found: readonly Row[]) =>
      found.some(({ check }) => check === 'egress-policy-not-enforced');
    expect(fails((await audit(list(node, placed, deny))).findings)).toBe(false);
  });

  test('the suggested command for a dump asks for every kind that an audit reads', () => {
    const asked = new RegExp(DUMPED);
    const read = [
      ...['pods', 'nodes', 'namespaces', 'serviceaccounts', 'replicasets.apps', 'jobs.batch'],
      ...POLICY_KINDS.flatMap(({ plural, sources }) => sources.map(({ group }) => `${plural}.${group}`)),
    ];
    expect(read.filter((name) => !asked.test(name))).toEqual([]);
    expect(
      ['secrets', 'configmaps', 'events', 'deployments.apps'].filter((name) => asked.test(name)),
    ).toEqual([]);
    const text = readFileSync(resolve(import.meta.dirname, '../../docs/snapshots.md'), 'utf8');
    expect(text).toContain(DUMP_COMMAND);
  });
});

describe('manifests', () => {
  test('manifests are evaluated as declared and as if they were complete, with one note', async () => {
    const { code, findings, notEvaluated, clusters } = await audit(list(pod(), deny));
    expect(findings).toEqual([]);
    expect(notEvaluated).toEqual([]);
    expect(clusters[0]?.notes.filter((note) => /as if they were complete/.test(note))).toHaveLength(1);
    expect(code).toBe(0);
  });

  test('manifests need no --complete, which changes nothing for them', async () => {
    const [without, with_] = [await audit(list(pod(), deny)), await audit(list(pod(), deny), '--complete')];
    expect(with_.notEvaluated).toEqual(without.notEvaluated);
    expect(with_.clusters).toEqual(without.clusters);
  });
});

describe('a file that cannot be read', () => {
  const broken = 'apiVersion: v1\nkind: Pod\nmetadata: {name: "never closed\n';
  const yaml = (...documents: readonly (object | string)[]) =>
    documents.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n---\n');

  test('a file that cannot be read affects only objects that policies in it would change', async () => {
    const { open, summary, notEvaluated } = await audit(yaml(pod(), deny, broken));
    expect(open).toContain('egress-unrestricted');
    expect(open).not.toContain('writable-root-filesystem');
    expect(JSON.stringify(summary)).toMatch(/"pass":[1-9]/);
    // What is in the file itself is not evaluated by any check.
    expect(notEvaluated).toContainEqual(
      expect.objectContaining({
        check: 'writable-root-filesystem',
        reason: 'unreadable-file',
        workload: expect.objectContaining({ kind: 'File' }),
      }),
    );
  });

  test('a file that cannot be read never lets the run exit 0', async () => {
    for (const text of [yaml(pod(), deny, broken), yaml(pod(), deny, 'a: {{ .Values.a }}')]) {
      expect((await audit(text, '--allow-incomplete', '--fail-on', 'never')).code).toBe(3);
    }
  });

  test('a file that cannot be read leaves a dump not evaluated, where it may hold pods of the same workloads', async () => {
    const { open } = await audit(yaml(running, deny, broken), '--complete');
    expect(open).toContain('writable-root-filesystem');
  });

  test.each([
    'metadata: {name: "{{ .Release.Name }}-web"}\napiVersion: apps/v1\nkind: Deployment\n',
    'apiVersion: v1\nkind: Pod\n{{- with .Values.x }}\nmetadata: {}\n{{- end }}\n',
    '{{ include "chart.pod" . }}\n',
  ])('a document with template expressions is a Helm template: %j', async (text) => {
    const { notEvaluated, code } = await audit(yaml(pod(), text));
    expect(notEvaluated.find(({ reason }) => reason === 'unreadable-file')?.message).toMatch(
      /line \d+: it is a Helm template that was not rendered, so nothing in it was read\.$/,
    );
    expect(code).toBe(3);
  });

  test.each([
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "{{ .Values.x }}"}\n',
    'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {a: "{{ $labels.x }}"}\n',
  ])('a document with template expressions only in its data is no Helm template: %j', async (text) => {
    expect((await audit(yaml(pod(), deny, text))).code).toBe(0);
  });
});

describe('streams of JSON documents', () => {
  test('streams of JSON documents are read to their end, with any whitespace between them', async () => {
    const second = pod({ status }, { name: 'web-2', uid: 'u2' });
    for (const between of ['', '\n', '\r\n\r\n', '\u001e']) {
      const text = `${JSON.stringify(list(running), null, 1)}${between}${JSON.stringify(list(second))}\n`;
      expect((await audit(text)).clusters[0]?.totals.pods).toBe(2);
    }
  });

  test('streams of JSON documents may hold braces and quotes in their strings', async () => {
    const odd = pod({ status }, { name: 'web-2', uid: 'u2', annotations: { a: '}{"\\]' } });
    expect((await audit(`${JSON.stringify(odd)}${JSON.stringify(running)}`)).clusters[0]?.totals.pods).toBe(
      2,
    );
  });

  test('streams of JSON documents that break off are not evaluated, and nothing passes', async () => {
    const text = `${JSON.stringify(list(running))}\n${JSON.stringify(list(deny)).slice(0, -20)}`;
    const { code, summary } = await audit(text, '--allow-incomplete', '--complete');
    expect(code).not.toBe(0);
    expect(JSON.stringify(summary)).not.toMatch(/"pass":[1-9]/);
  });
});
