import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-mesh-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PARTS = {
  namespace: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }`,
  deployment: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }`,
  mesh: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    outboundTrafficPolicy:
      mode: REGISTRY_ONLY`,
  sidecar: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec: { egress: [{ hosts: ["./*"] }] }`,
  entry: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: api, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS`,
};
type Part = keyof typeof PARTS;

/** The verdicts of the checks of the mesh on a snapshot in which some texts were replaced. */
async function verdicts(
  change: Partial<Record<Part, (text: string) => string>> = {},
): Promise<readonly string[]> {
  const file = join(folder, 'mesh.yaml');
  const parts = Object.entries(PARTS).map(([part, text]) => change[part as Part]?.(text) ?? text);
  writeFileSync(file, parts.join('\n---'));
  const { stdout } = await run(['audit', '--snapshot', file, '-o', 'json', '--fail-on', 'never']);
  const { findings, notEvaluated } = JSON.parse(stdout) as Record<string, { check: string }[]>;
  const of = (rows: readonly { check: string }[] = [], verdict: string) =>
    rows.filter(({ check }) => check.startsWith('mesh-')).map(({ check }) => `${check}: ${verdict}`);
  return [...of(findings, 'fail'), ...of(notEvaluated, 'open')].sort();
}
const gone = () => '';
const replace = (from: string, to: string) => (text: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe('a mesh in manifests', () => {
  test('a mesh that is strict and has one valid entry gives no finding, and everything is evaluated', async () => {
    expect(await verdicts()).toEqual([]);
  });

  test.each<[string, Parameters<typeof verdicts>[0], readonly string[]]>([
    ['the mesh allows any', { mesh: replace('REGISTRY_ONLY', 'ALLOW_ANY') }, ['mesh-allows-any: fail']],
    ['the mesh says nothing', { mesh: replace('mode: REGISTRY_ONLY', '') }, ['mesh-allows-any: fail']],
    ['the mode is misspelt', { mesh: replace('REGISTRY_ONLY', 'STRICT') }, ['mesh-allows-any: open']],
    ['the configuration is no YAML', { mesh: replace('mode:', 'mode: [') }, ['mesh-allows-any: open']],
    ['the configuration is not in the snapshot', { mesh: gone }, ['mesh-allows-any: open']],
    ['the namespace is not in the snapshot', { namespace: gone }, ['mesh-allows-any: open']],
    ['the namespace is not injected', { namespace: replace('enabled', 'disabled') }, []],
    [
      'the workload opts out of a mesh that allows any',
      {
        mesh: replace('REGISTRY_ONLY', 'ALLOW_ANY'),
        deployment: replace('app: web', 'app: web, sidecar.istio.io/inject: "false"'),
      },
      [],
    ],
    [
      'a Sidecar that selects the workload allows any',
      {
        sidecar: replace(
          'spec: {',
          'spec: { workloadSelector: { labels: { app: web } }, outboundTrafficPolicy: { mode: ALLOW_ANY },',
        ),
      },
      ['mesh-allows-any: fail'],
    ],
    [
      'the Sidecar selects another workload',
      {
        sidecar: replace(
          'spec: {',
          'spec: { workloadSelector: { labels: { app: api } }, outboundTrafficPolicy: { mode: ALLOW_ANY },',
        ),
      },
      [],
    ],
    [
      'the Sidecar of the namespace allows any',
      { sidecar: replace('spec: {', 'spec: { outboundTrafficPolicy: { mode: ALLOW_ANY },') },
      ['mesh-allows-any: fail'],
    ],
    [
      'the Sidecar does not import the entry',
      { sidecar: replace('./*', 'x/*') },
      ['mesh-service-entry-broken: fail'],
    ],
    [
      'the host is a wildcard',
      { entry: replace('[api.example.com]', '["*.example.com"]') },
      ['mesh-service-entry-broken: fail', 'mesh-service-entry-risky: fail'],
    ],
    ['the port is 22', { entry: replace('443', '22') }, []],
    [
      'the port is 22 and TCP',
      { entry: (text) => replace('443', '22')(replace('TLS', 'TCP')(text)) },
      ['mesh-service-entry-risky: fail'],
    ],
    [
      'the entry has an odd field',
      { entry: replace('resolution: DNS', 'resolution: DNS\n  egressPolicy: strict') },
      ['mesh-service-entry-broken: open', 'mesh-service-entry-risky: open'],
    ],
    [
      'the entry is broken',
      { entry: replace('443', 'many') },
      ['mesh-service-entry-broken: open', 'mesh-service-entry-risky: open'],
    ],
    [
      'an annotation takes traffic around the sidecar',
      {
        deployment: replace(
          'metadata: { labels: { app: web } }',
          'metadata: { labels: { app: web }, annotations: { traffic.sidecar.istio.io/excludeOutboundPorts: "22" } }',
        ),
      },
      ['mesh-sidecar-bypassed: fail'],
    ],
    [
      'the namespace is in ambient mode',
      { namespace: replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient') },
      ['mesh-allows-any: fail'],
    ],
  ])('the mesh check has the right verdict where %s', async (_, change, expected) => {
    expect(await verdicts(change)).toEqual(expected);
  });
});
