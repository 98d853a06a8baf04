import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { causeKindsOf } from '../../lambda/checks/cause.ts';
import { causeObjectText } from '../../lambda/findings/cause.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { compareCauses, type FoldedCause, foldCauses } from '../../lambda/findings/fold-causes.ts';
import { compareSeverity } from '../../lambda/severity.ts';
import { run } from '../cli/run.ts';
import { runs } from '../support/runs.ts';

interface Shop {
  readonly workloads: readonly Workload[];
  readonly policies: readonly Policy[];
}

interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly hostNetwork: boolean;
  readonly readOnly: boolean;
}

/** A NetworkPolicy that selects workloads of its namespace and allows these blocks. */
interface Policy {
  readonly namespace: string;
  readonly name: string;
  /** `null`: all of the namespace. */
  readonly selects: string | null;
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly cidr: string;
  readonly port?: number;
}

const manifests = ({ workloads, policies }: Shop): string =>
  [...workloads.map(deployment), ...policies.map(networkPolicy)].map((one) => stringify(one)).join('---\n');

const deployment = ({ namespace, name, hostNetwork, readOnly }: Workload) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace, name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        hostNetwork,
        containers: [
          {
            name: 'app',
            image: 'registry.example.com/app:1',
            securityContext: { readOnlyRootFilesystem: readOnly },
          },
        ],
      },
    },
  },
});

const networkPolicy = ({ namespace, name, selects, rules }: Policy) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec: {
    podSelector: selects === null ? {} : { matchLabels: { app: selects } },
    policyTypes: ['Egress'],
    egress: rules.map(({ cidr, port }) => ({
      to: [{ ipBlock: { cidr } }],
      ...(port === undefined ? {} : { ports: [{ port }] }),
    })),
  },
});

async function findingsOf(shop: Shop, others = ''): Promise<readonly Finding[]> {
  const { stdout, stderr } = await run(
    [
      'audit',
      '--snapshot',
      '-',
      '-o',
      'json',
      '--fail-on',
      'never',
      '--allow-incomplete',
      '--now',
      '2026-06-01T00:00:00Z',
    ],
    `${manifests(shop)}${others}`,
  );
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
}

const web = (over: Partial<Workload> = {}): Workload => ({
  namespace: 'shop',
  name: 'web',
  hostNetwork: false,
  readOnly: true,
  ...over,
});

const causesOf = async (shop: Shop): Promise<readonly string[]> =>
  foldCauses(await findingsOf(shop))
    .map(({ cause, findings }) => `${cause.kind} ${causeObjectText(cause.object)} ${findings.length}`)
    .sort();

describe('causes', () => {
  test('all egress findings of a namespace without policies have one cause', async () => {
    const workloads = ['web', 'cart', 'search'].map((name) => web({ name }));
    expect(await causesOf({ workloads, policies: [] })).toEqual(['no-egress-policy namespace shop 12']);
  });

  test('each namespace without policies is a cause of its own', async () => {
    const workloads = [web(), web({ namespace: 'billing' })];
    expect(await causesOf({ workloads, policies: [] })).toEqual([
      'no-egress-policy namespace billing 4',
      'no-egress-policy namespace shop 4',
    ]);
  });

  test('a rule that opens the internet is one cause for all workloads that its policy selects', async () => {
    const workloads = [web(), web({ name: 'cart' })];
    const rules = [{ cidr: '10.0.0.0/8' }, { cidr: '0.0.0.0/0', port: 80 }];
    const policies = [{ namespace: 'shop', name: 'open', selects: null, rules }];
    expect(await causesOf({ workloads, policies })).toEqual([
      'rule-too-wide shop/NetworkPolicy/open: spec.egress[1] 6',
    ]);
  });

  test('a rule keeps the id of its cause when another one is added before it', async () => {
    const wide = { cidr: '0.0.0.0/0', port: 80 };
    const idOf = async (rules: readonly Rule[]) => {
      const policies = [{ namespace: 'shop', name: 'open', selects: null, rules }];
      return new Set((await findingsOf({ workloads: [web()], policies })).map(({ cause }) => cause?.id));
    };
    expect(await idOf([{ cidr: '10.0.0.0/8' }, wide])).toEqual(await idOf([wide]));
    expect(await idOf([{ cidr: '0.0.0.0/0', port: 22 }])).not.toEqual(await idOf([wide]));
  });

  test('a policy that only denies a part opens nothing: the cause is the namespace', async () => {
    const admin = `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: no-telnet }
spec:
  priority: 10
  subject: { namespaces: {} }
  egress: [{ action: Deny, to: [{ networks: [0.0.0.0/0] }], ports: [{ portNumber: { protocol: TCP, port: 23 } }] }]
`;
    const causes = foldCauses(await findingsOf({ workloads: [web()], policies: [] }, admin));
    expect(causes.map(({ cause }) => causeObjectText(cause.object))).toEqual(['namespace shop']);
  });

  test('the network of the node is the cause of everything that it opens', async () => {
    const shop = { workloads: [web({ hostNetwork: true })], policies: [] };
    expect(await causesOf(shop)).toEqual(['host-network shop/Deployment/web 5']);
  });

  test('a container that can replace its libraries is a matter of its root filesystem', async () => {
    const found = foldCauses(await findingsOf({ workloads: [web({ readOnly: false })], policies: [] }));
    const checks = found.map(({ cause, findings }) => [cause.kind, findings.map(({ check }) => check)]);
    expect(checks).toContainEqual(['writable-root', ['runtime-library-update', 'writable-root-filesystem']]);
  });
});

describe('the causes of the sample', () => {
  test('each finding has a cause of a kind that its check names', async () => {
    const { stdout } = await run(['audit', '--sample', '-o', 'json', '--fail-on', 'never']);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    const kindsOf = new Map(CATALOGUE.map((check) => [check.id, causeKindsOf(check)]));
    const kinds = new Set(findings.map(({ cause }) => cause?.kind));
    expect(kinds.size).toBeGreaterThan(8);
    for (const { check, cause } of findings) expect(kindsOf.get(check)).toContain(cause?.kind);
  });

  test('far fewer changes than findings are asked for', async () => {
    const { stdout } = await run(['audit', '--sample', '-o', 'json', '--fail-on', 'never']);
    const { findings, summary } = JSON.parse(stdout) as {
      readonly findings: readonly Finding[];
      readonly summary: { readonly causes: { readonly total: number } };
    };
    const folded = foldCauses(findings);
    expect(folded.length).toBeLessThan(findings.length / 2);
    expect(summary.causes.total).toBeLessThanOrEqual(folded.length);
  });
});

const NAMESPACES = ['billing', 'shop'];
const NAMES = ['cart', 'web'];

const workload = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...NAMES),
  hostNetwork: fc.boolean(),
  readOnly: fc.boolean(),
});
const rule: fc.Arbitrary<Rule> = fc.record(
  {
    cidr: fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '169.254.169.254/32', '52.0.0.0/7'),
    port: fc.constantFrom(22, 80, 443),
  },
  { requiredKeys: ['cidr'] },
);
const policy: fc.Arbitrary<Policy> = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom('a', 'b', 'c'),
  selects: fc.constantFrom(null, ...NAMES),
  rules: fc.array(rule, { maxLength: 3 }),
});
const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;
const shops: fc.Arbitrary<Shop> = fc.record({
  workloads: fc.uniqueArray(workload, { selector: keyOf, minLength: 1, maxLength: 4 }),
  policies: fc.uniqueArray(policy, { selector: keyOf, maxLength: 4 }),
});

/** What somebody does who reads the cause and changes its object; `null`: nothing of these manifests. */
function withFix(shop: Shop, { cause }: FoldedCause): Shop | null {
  const { kind, object } = cause;
  const isObject = (one: { readonly namespace: string; readonly name: string }): boolean =>
    one.namespace === object.namespace && one.name === object.name;
  const change = (over: Partial<Workload>): Shop => ({
    ...shop,
    workloads: shop.workloads.map((one) => (isObject(one) ? { ...one, ...over } : one)),
  });
  switch (kind) {
    case 'host-network':
      return change({ hostNetwork: false });
    case 'writable-root':
      return change({ readOnly: true });
    case 'no-egress-policy': {
      const denyAll = { namespace: object.name, name: 'deny-all', selects: null, rules: [] };
      return { ...shop, policies: [...shop.policies, denyAll] };
    }
    case 'rule-too-wide': {
      const place = /^spec\.egress\[(\d+)\]$/.exec(object.part ?? '');
      if (place === null) return null;
      const without = ({ rules }: Policy): readonly Rule[] =>
        rules.filter((_, at) => at !== Number(place[1]));
      return {
        ...shop,
        policies: shop.policies.map((one) => (isObject(one) ? { ...one, rules: without(one) } : one)),
      };
    }
    default:
      return null;
  }
}

describe('folding by cause', () => {
  test('loses no finding, and gives each cause the highest severity of its findings', async () => {
    await fc.assert(
      fc.asyncProperty(shops, async (shop) => {
        const findings = await findingsOf(shop);
        const folded = foldCauses(findings);
        expect(
          folded
            .flatMap((one) => one.findings)
            .map(({ id }) => id)
            .sort(),
        ).toEqual(findings.map(({ id }) => id).sort());
        expect(new Set(folded.map(({ cause }) => cause.id)).size).toBe(folded.length);
        for (const { severity, findings: own } of folded) {
          expect(own.some((one) => one.severity === severity)).toBe(true);
          expect(own.every((one) => compareSeverity(severity, one.severity) <= 0)).toBe(true);
        }
      }),
      { numRuns: runs(150) },
    );
  });

  test('a change of the object of a cause removes what it resolves, leaves what is named, and adds nothing', async () => {
    await fc.assert(
      fc.asyncProperty(shops, fc.nat({ max: 20 }), async (shop, pick) => {
        const findings = await findingsOf(shop);
        const folded = foldCauses(findings).toSorted(compareCauses);
        const chosen = folded[pick % Math.max(1, folded.length)];
        const fixed = chosen === undefined ? null : withFix(shop, chosen);
        if (chosen === undefined || fixed === null) return;
        const after = new Map((await findingsOf(fixed)).map((finding) => [finding.id, finding]));
        expect(chosen.resolves + chosen.remains.reduce((sum, one) => sum + one.findings, 0)).toBe(
          chosen.findings.length,
        );
        for (const { id, remainsBy } of chosen.findings)
          expect(after.get(id)?.cause?.id ?? null).toBe(remainsBy?.id ?? null);
        const before = new Set(findings.map(({ id }) => id));
        for (const { id, cause } of after.values()) {
          expect(before).toContain(id);
          expect(cause?.id).not.toBe(chosen.cause.id);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('causes do not depend on the order of objects', async () => {
    await fc.assert(
      fc.asyncProperty(shops, async (shop) => {
        const ids = async (one: Shop) =>
          new Set((await findingsOf(one)).map(({ id, cause }) => `${id} ${cause?.id}`));
        const reversed = { workloads: shop.workloads.toReversed(), policies: shop.policies.toReversed() };
        expect(await ids(reversed)).toEqual(await ids(shop));
      }),
      { numRuns: runs(80) },
    );
  });
});
