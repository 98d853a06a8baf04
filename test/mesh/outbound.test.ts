import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MeshConfigs, OutboundMode } from '../../lambda/inventory/mesh.ts';
import type { Labels } from '../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { parseSidecar } from '../../lambda/mesh/sidecar.ts';
import { runs } from '../support/runs.ts';
import { aMember, aMesh, aSidecar, configs, outbound } from './builders.ts';

interface Case {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly namespace?: string;
  readonly meshConfigs?: MeshConfigs;
}

const answer = (mesh: readonly PolicyObject[], { meshConfigs = configs(), ...member }: Case = {}) => {
  const subject = aMember({ labels: { app: 'web' }, ...member });
  return aMesh({ classes: [subject], mesh, meshConfigs }).outbound(subject);
};
const modeOf = (...args: Parameters<typeof answer>) => {
  const found = answer(...args);
  return found !== null && 'mode' in found ? found.mode : 'unknown';
};

const ANY = outbound('ALLOW_ANY');
const ONLY = outbound('REGISTRY_ONLY');
const selecting = (labels: Labels, spec: object) => ({ workloadSelector: { labels }, ...spec });
const UNREAD: MeshConfigs = new Map();

describe('the outbound mode', () => {
  test('the outbound mode is that of the mesh where no Sidecar applies', () => {
    expect(modeOf([])).toBe('REGISTRY_ONLY');
    expect(modeOf([], { meshConfigs: configs('ALLOW_ANY') })).toBe('ALLOW_ANY');
    expect(modeOf([aSidecar(ANY, 'other')])).toBe('REGISTRY_ONLY');
  });

  test('a Sidecar with a workload selector comes before that of the namespace, then the root namespace, then the mesh', () => {
    const root = aSidecar(ANY, 'istio-system');
    const namespace = aSidecar(ONLY);
    const workload = aSidecar(selecting({ app: 'web' }, ANY), 'shop', 'web');
    expect(answer([root])).toEqual({ mode: 'ALLOW_ANY', from: 'Sidecar istio-system/default' });
    expect(answer([root, namespace])).toEqual({ mode: 'REGISTRY_ONLY', from: 'Sidecar shop/default' });
    expect(answer([root, namespace, workload])).toEqual({ mode: 'ALLOW_ANY', from: 'Sidecar shop/web' });
    expect(modeOf([namespace, workload], { labels: { app: 'api' } })).toBe('REGISTRY_ONLY');
  });

  test('a selector in the root namespace selects there alone, and must match every label', () => {
    const inRoot = aSidecar(selecting({ app: 'web' }, ANY), 'istio-system');
    expect(modeOf([inRoot])).toBe('REGISTRY_ONLY');
    expect(modeOf([inRoot], { namespace: 'istio-system' })).toBe('ALLOW_ANY');
    expect(modeOf([aSidecar(selecting({ app: 'web', tier: 'x' }, ANY))])).toBe('REGISTRY_ONLY');
    expect(modeOf([aSidecar(selecting({}, ANY))])).toBe('ALLOW_ANY');
    expect(modeOf([aSidecar(selecting({ constructor: 'x' }, ANY))])).toBe('REGISTRY_ONLY');
  });

  test('an outbound mode that a Sidecar leaves unset is that of the mesh, not of the next Sidecar', () => {
    const mesh = [aSidecar({ egress: [{ hosts: ['./*'] }] }), aSidecar(ANY, 'istio-system')];
    expect(modeOf(mesh)).toBe('REGISTRY_ONLY');
    expect(modeOf(mesh, { meshConfigs: UNREAD })).toBe('unknown');
  });

  test('the outbound mode is unknown without the mesh configuration, unless a Sidecar of the namespace sets it', () => {
    expect(modeOf([], { meshConfigs: UNREAD })).toBe('unknown');
    // Which namespace is the root stands there, too.
    expect(modeOf([aSidecar(ONLY, 'istio-system')], { meshConfigs: UNREAD })).toBe('unknown');
    expect(modeOf([aSidecar(ANY)], { meshConfigs: UNREAD })).toBe('ALLOW_ANY');
    const annotations = { 'sidecar.istio.io/status': '{"revision":"canary"}' };
    expect(modeOf([], { annotations })).toBe('unknown');
    expect(modeOf([], { annotations: { 'sidecar.istio.io/status': 'broken' } })).toBe('unknown');
  });

  test('the root namespace is the one that the configuration names', () => {
    const root = aSidecar(ANY, 'mesh-root');
    expect(modeOf([root], { meshConfigs: configs('REGISTRY_ONLY', 'mesh-root') })).toBe('ALLOW_ANY');
    expect(modeOf([root])).toBe('REGISTRY_ONLY');
  });

  test('the outbound mode of two Sidecars with equal precedence is known where they agree', () => {
    const two = (one: object, other: object) => [aSidecar(one, 'shop', 'a'), aSidecar(other, 'shop', 'b')];
    expect(modeOf(two(ANY, ANY))).toBe('ALLOW_ANY');
    expect(answer(two(ANY, ONLY))).toMatchObject({
      unknown: {
        reason: 'policy-not-understood',
        message: expect.stringContaining('Sidecar shop/a and Sidecar shop/b'),
      },
    });
    expect(modeOf(two(selecting({ app: 'web' }, ONLY), selecting({}, ANY)))).toBe('unknown');
    // One with a selector goes before one without.
    expect(modeOf(two(selecting({ app: 'web' }, ONLY), ANY))).toBe('REGISTRY_ONLY');
  });

  test.each([
    { outboundTrafficPolicy: {} },
    { outboundTrafficPolicy: { mode: null } },
    { outboundTrafficPolicy: { mode: 'registry_only' } },
    { outboundTrafficPolicy: { mode: 0 } },
    { outboundTrafficPolicy: 'REGISTRY_ONLY' },
    { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY', extra: 1 } },
    { outboundTrafficPolcy: { mode: 'REGISTRY_ONLY' }, ...ANY },
    { workloadSelector: { labels: { app: 'w*' } }, ...ONLY },
    { workloadSelector: { labels: ['app'] }, ...ONLY },
    { workloadSelector: 7, ...ONLY },
    [],
    'text',
    7,
  ])('the outbound mode of the Sidecar %j is unknown', (spec) => {
    expect(modeOf([aSidecar(spec)], { meshConfigs: configs('ALLOW_ANY') })).toBe('unknown');
  });

  test('a Sidecar with an invalid selector matters only if it sets another outbound mode', () => {
    const strange = (spec: object) =>
      aSidecar({ workloadSelector: { matchLabels: {} }, ...spec }, 'shop', 'x');
    expect(modeOf([strange(ONLY)])).toBe('REGISTRY_ONLY');
    expect(modeOf([strange(ANY)])).toBe('unknown');
    expect(modeOf([strange(ANY), aSidecar(ANY)])).toBe('ALLOW_ANY');
  });

  test('a Sidecar with an empty spec leaves everything to the mesh', () => {
    expect(modeOf([aSidecar({})])).toBe('REGISTRY_ONLY');
    expect(modeOf([aSidecar(null)])).toBe('REGISTRY_ONLY');
  });

  test('a pod without a sidecar has no outbound mode', () => {
    const subject = aMember({ containers: [] });
    expect(aMesh({ classes: [subject] }).outbound(subject)).toBeNull();
  });
});

/**
 * The precedence written down once more, as plainly as it can be: all Sidecars are tried, each gets a rank, and
 * of the best rank all must agree.
 */
function bruteForce(
  sidecars: readonly PolicyObject[],
  labels: Labels,
  mesh: OutboundMode,
  root: string,
): string {
  const rankOf = ({ namespace, spec }: PolicyObject): number => {
    const selector = (spec as { workloadSelector?: { labels?: Labels } }).workloadSelector;
    if (namespace === 'shop' && selector) {
      return Object.entries(selector.labels ?? {}).every(([key, value]) => labels[key] === value) ? 1 : 0;
    }
    if (namespace === 'shop') return 2;
    return namespace === root && !selector ? 3 : 0;
  };
  const ranked = sidecars.map((sidecar) => [rankOf(sidecar), sidecar] as const).filter(([rank]) => rank > 0);
  const best = Math.min(...ranked.map(([rank]) => rank));
  const modes = ranked
    .filter(([rank]) => rank === best)
    .map(
      ([, { spec }]) =>
        (spec as { outboundTrafficPolicy?: { mode: string } }).outboundTrafficPolicy?.mode ?? mesh,
    );
  const distinct = new Set(modes.length === 0 ? [mesh] : modes);
  return distinct.size === 1 ? ([...distinct][0] as string) : 'unknown';
}

describe('the precedence of Sidecars', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'));
  const mode = fc.constantFrom<OutboundMode>('ALLOW_ANY', 'REGISTRY_ONLY');
  const spec = fc.record(
    {
      workloadSelector: fc.record({ labels }, { requiredKeys: [] }),
      outboundTrafficPolicy: fc.record({ mode }),
      egress: fc.constant([{ hosts: ['*/*'] }]),
    },
    { requiredKeys: [] },
  );
  const sidecar = fc
    .tuple(fc.constantFrom('shop', 'root', 'other', 'istio-system'), spec, fc.stringMatching(/^[a-z]{1,4}$/))
    .map(([namespace, found, name]) => aSidecar(found, namespace, name));

  test('the precedence of Sidecars is that of a model that tries them all', () => {
    fc.assert(
      fc.property(
        fc.array(sidecar, { maxLength: 6 }),
        labels,
        mode,
        fc.constantFrom('root', 'istio-system', 'shop'),
        (sidecars, of, mesh, root) => {
          const meshConfigs = configs(mesh, root);
          expect(modeOf(sidecars, { labels: of, meshConfigs })).toBe(bruteForce(sidecars, of, mesh, root));
        },
      ),
      { numRuns: runs(2000) },
    );
  });

  test('the precedence of Sidecars does not depend on the order in which they were read', () => {
    fc.assert(
      fc.property(fc.array(sidecar, { maxLength: 6 }), labels, (sidecars, of) => {
        expect(modeOf(sidecars.toReversed(), { labels: of })).toBe(modeOf(sidecars, { labels: of }));
      }),
    );
  });

  test('the precedence of Sidecars never says more than is known, whatever a Sidecar contains', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record(
        { workloadSelector: fc.anything(), outboundTrafficPolicy: fc.anything(), egress: fc.anything() },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(anything, (odd) => {
        const found = modeOf([aSidecar(odd)], { meshConfigs: configs('ALLOW_ANY') });
        // The one thing that makes it stricter than the mesh is a mode that is written out.
        const policy = (odd as { outboundTrafficPolicy?: { mode?: unknown } } | null | undefined)
          ?.outboundTrafficPolicy;
        if (policy?.mode !== 'REGISTRY_ONLY') expect(found).not.toBe('REGISTRY_ONLY');
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('a Sidecar that is not understood', () => {
  test.each([
    [
      { outboundTrafficPolicy: { mode: 'ANY' } },
      'mode',
      'spec.outboundTrafficPolicy.mode (must be "ALLOW_ANY" or "REGISTRY_ONLY", not "ANY")',
    ],
    [
      { outboundTrafficPolicy: { mode: 'ALLOW_ANY', modus: 'ANY' } },
      'mode',
      'spec.outboundTrafficPolicy (has the key "modus", which is not known)',
    ],
    [
      { egress: [{ hosts: ['api'] }] },
      'egress',
      'spec.egress.0.hosts.0 (must have the form namespace/dnsName)',
    ],
    [
      { workloadSelector: { labels: { app: '*' } } },
      'selector',
      'spec.workloadSelector.labels.app (must not hold a wildcard)',
    ],
  ] as const)('what is wrong with the Sidecar %j is said in words of the product', (spec, part, problem) => {
    expect(parseSidecar(aSidecar(spec))[part]).toMatchObject({
      unread: { message: `Sidecar shop/default is not understood: ${problem}.` },
    });
  });
});
