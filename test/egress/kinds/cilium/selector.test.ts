import { describe, expect, it } from '@jest/globals';
import { selectedLabelKeys } from '../../../../lambda/egress/engine.ts';
import type { Labels } from '../../../../lambda/inventory/names.ts';
import { SERVICE_ACCOUNT } from '../../../../lambda/inventory/service-account.ts';
import { EVERYWHERE } from '../../support/build.ts';
import { type Around, rangesOf, viewOf, whyUnknown } from '../build-admin.ts';
import { aCiliumPolicy, aClusterwidePolicy, PODS } from '../build-cilium.ts';

const NAMESPACE = 'io.kubernetes.pod.namespace';
const closing = { egress: [PODS] };
const own = (endpointSelector: unknown) => aCiliumPolicy({ ...closing, endpointSelector });
const clusterwide = (endpointSelector: unknown) => aClusterwidePolicy({ ...closing, endpointSelector });
const asked = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }],
});
const label = (key: string, value = 'a') => ({ matchLabels: { [key]: value } });
const withLabels = (labels: Labels, around: Partial<Around> = {}): Around => ({ ...around, pod: { labels } });

/** Whether the policy closes the pod; it must be known. */
const selects = (policy: ReturnType<typeof own>, around: Around = {}): boolean =>
  JSON.stringify(rangesOf([policy], around)) !== JSON.stringify(EVERYWHERE);

describe('an endpointSelector', () => {
  it('an endpointSelector reads labels of pods with and without their source', () => {
    for (const key of ['app', 'k8s:app', 'any:app']) {
      for (const build of [own, clusterwide]) {
        expect(selects(build(label(key)), withLabels({ app: 'a' }))).toBe(true);
        expect(selects(build(label(key)), withLabels({ app: 'b' }))).toBe(false);
        expect(selects(build(label(key)), withLabels({}))).toBe(false);
      }
      expect([...selectedLabelKeys([own(label(key))])]).toEqual(['app']);
    }
  });

  it('an endpointSelector reads expressions as Kubernetes does', () => {
    const cases: readonly (readonly [ReturnType<typeof asked>, boolean, boolean, boolean])[] = [
      [asked('k8s:app', 'In', 'a', 'c'), true, false, false],
      [asked('k8s:app', 'NotIn', 'a', 'c'), false, true, true],
      [asked('k8s:app', 'Exists'), true, true, false],
      [asked('k8s:app', 'DoesNotExist'), false, false, true],
    ];
    for (const [selector, a, b, none] of cases) {
      const seen = [{ app: 'a' }, { app: 'b' }, {}].map((labels) =>
        selects(own(selector), withLabels(labels)),
      );
      expect(seen).toEqual([a, b, none]);
    }
  });

  it('an endpointSelector requires all of its parts', () => {
    const selector = { ...label('app'), ...asked('any:tier', 'NotIn', 'x') };
    expect(selects(own(selector), withLabels({ app: 'a', tier: 'y' }))).toBe(true);
    expect(selects(own(selector), withLabels({ app: 'a', tier: 'x' }))).toBe(false);
    expect(selects(own(selector), withLabels({ tier: 'y' }))).toBe(false);
  });

  it('an endpointSelector finds no pod by reserved labels, which are those of nodes and addresses', () => {
    for (const key of ['reserved:ingress', 'reserved.ingress', '$ingress']) {
      expect(selects(clusterwide(label(key, '')), withLabels({ ingress: '' }))).toBe(false);
      expect(selects(clusterwide(asked(key, 'DoesNotExist')))).toBe(true);
    }
  });

  it('an endpointSelector is unknown by labels of other sources', () => {
    expect(whyUnknown([own(label('container:app'))])).toMatch(
      /endpointSelector asks for "container:app", a label of/,
    );
  });

  it('an endpointSelector that is not understood may select any pod', () => {
    for (const selector of [7, [], { app: 'a' }, { matchLabels: { app: 7 } }, asked('app', 'Is', 'a')]) {
      expect(whyUnknown([own(selector)])).toMatch(/spec\.endpointSelector/);
    }
  });
});

describe('the namespace in an endpointSelector', () => {
  it('the namespace in an endpointSelector is another condition where the policy is clusterwide', () => {
    const here = clusterwide(label(NAMESPACE, 'default'));
    expect(selects(here)).toBe(true);
    expect(selects(here, { pod: { namespace: 'other' } })).toBe(false);
    const notHere = clusterwide({ ...asked(`k8s:${NAMESPACE}`, 'NotIn', 'default'), ...label('app') });
    expect(selects(notHere, { pod: { namespace: 'other', labels: { app: 'a' } } })).toBe(true);
    expect(selects(notHere, { pod: { namespace: 'other' } })).toBe(false);
    expect(selects(notHere, withLabels({ app: 'a' }))).toBe(false);
    expect(selects(clusterwide(asked(NAMESPACE, 'Exists')))).toBe(true);
  });

  it('the namespace in an endpointSelector needs no labels of namespaces', () => {
    expect(selects(clusterwide(label(NAMESPACE, 'default')), { namespaces: {} })).toBe(true);
    expect(selects(clusterwide(label(NAMESPACE, 'other')), { namespaces: {} })).toBe(false);
  });

  it('the namespace in an endpointSelector is ignored where a namespaced policy names another, with a note', () => {
    const policy = own(label(`k8s:${NAMESPACE}`, 'other'));
    expect(selects(policy)).toBe(true);
    expect(selects(policy, { pod: { namespace: 'other' } })).toBe(false);
    expect(viewOf([policy]).answer.notes).toEqual([
      'CiliumNetworkPolicy default/policy: spec.endpointSelector names another namespace, which Cilium ignores: it selects pods of its own namespace.',
    ]);
    expect(viewOf([own(label(`k8s:${NAMESPACE}`, 'default'))]).answer.notes).toEqual([]);
  });

  it('the namespace in an endpointSelector is unknown if it is another, without a source or in an expression', () => {
    for (const selector of [label(NAMESPACE, 'other'), asked(`k8s:${NAMESPACE}`, 'In', 'other')]) {
      expect(whyUnknown([own(selector)])).toMatch(/endpointSelector asks for another namespace by/);
    }
    expect(selects(own(label(NAMESPACE, 'default')))).toBe(true);
    expect(selects(own(asked(`k8s:${NAMESPACE}`, 'NotIn', 'other')))).toBe(true);
  });
});

describe('labels of namespaces in an endpointSelector', () => {
  const TEAM = 'io.cilium.k8s.namespace.labels.team';
  const namespaces = { default: { team: 'a' }, other: { team: 'b' } };

  it('labels of namespaces in an endpointSelector are those of the pod’s namespace where the policy is clusterwide', () => {
    for (const key of [TEAM, `k8s:${TEAM}`]) {
      expect(selects(clusterwide(label(key)), { namespaces })).toBe(true);
      expect(selects(clusterwide(label(key)), { namespaces, pod: { namespace: 'other' } })).toBe(false);
      expect(selects(clusterwide(asked(key, 'NotIn', 'a')), { namespaces })).toBe(false);
    }
    expect(whyUnknown([clusterwide(label(TEAM))], { namespaces: {} })).toMatch(/labels of its namespace/);
  });

  it('labels of namespaces in an endpointSelector may be the name of the namespace', () => {
    const name = 'io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name';
    expect(selects(clusterwide(label(name, 'default')), { namespaces: {} })).toBe(true);
    expect(selects(own(label(name, 'default')), { namespaces: {} })).toBe(true);
  });

  it('labels of namespaces in a namespaced policy do not matter if the namespace has them, and are unknown otherwise', () => {
    expect(selects(own(label(TEAM)), { namespaces })).toBe(true);
    expect(whyUnknown([own(label(TEAM, 'x'))], { namespaces })).toMatch(
      /sources differ in whether labels of the/,
    );
    expect(whyUnknown([own(label(TEAM))], { namespaces: {} })).toMatch(
      /the labels of the namespace were not read/,
    );
  });
});

describe('labels that Cilium adds to those of the pod', () => {
  const ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

  it.each([ACCOUNT, `k8s:${ACCOUNT}`, `any:${ACCOUNT}`])(
    'the service account label of Cilium is the name of the service account, whatever label the pod has: %s',
    (key) => {
      const cases: readonly (readonly [object, boolean, boolean, boolean])[] = [
        [label(key), true, false, false],
        [asked(key, 'In', 'a', 'b'), true, true, false],
        [asked(key, 'NotIn', 'a'), false, true, true],
        [asked(key, 'Exists'), true, true, false],
        [asked(key, 'DoesNotExist'), false, false, true],
      ];
      for (const [selector, a, b, none] of cases) {
        for (const policy of [own(selector), clusterwide(selector)]) {
          expect([...selectedLabelKeys([policy])]).toEqual([SERVICE_ACCOUNT]);
          expect(selects(policy, withLabels({ [ACCOUNT]: 'a', [SERVICE_ACCOUNT]: 'a' }))).toBe(a);
          expect(selects(policy, withLabels({ [ACCOUNT]: 'a', [SERVICE_ACCOUNT]: 'b' }))).toBe(b);
          expect(selects(policy, withLabels({ [ACCOUNT]: 'a' }))).toBe(none);
        }
      }
    },
  );

  it.each(['io.cilium.k8s.policy.cluster', 'k8s:io.cilium.k8s.policy.cluster'])(
    'labels that Cilium adds to those of the pod are unknown: %s',
    (key) => {
      expect(whyUnknown([own(label(key))])).toMatch(/which was not read/);
      expect(whyUnknown([own(asked(key, 'NotIn', 'a'))])).toMatch(/which was not read/);
      expect(selects(own(asked(key, 'Exists')))).toBe(true);
      expect(selects(own(asked(key, 'DoesNotExist')))).toBe(false);
    },
  );
});

describe('labels that Cilium leaves out of identities', () => {
  it.each([
    'pod-template-hash',
    'controller-revision-hash',
    'controller-uid',
    'kubernetes.io/arch',
    'k8s.io/cluster',
    'topology.beta.kubernetes.io/zone',
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
    'batch.kubernetes.io/job-completion-index',
    'annotation.x',
    'io.kubernetes.x',
  ])(
    'labels that Cilium leaves out of identities select no pod without them, and are unknown for others: %s',
    (key) => {
      const policy = own(label(`k8s:${key}`));
      expect(selects(policy, withLabels({}))).toBe(false);
      expect(selects(policy, withLabels({ [key]: 'b' }))).toBe(false);
      expect(whyUnknown([policy], withLabels({ [key]: 'a' }))).toMatch(
        /a label that Cilium leaves out of identities/,
      );
      expect(viewOf([policy], withLabels({ [key]: 'a' })).reaches('192.0.2.1', 443)).toBe(true);
      expect(whyUnknown([own(asked(key, 'DoesNotExist'))], withLabels({ [key]: 'a' }))).toMatch(/leaves out/);
    },
  );

  it.each(['app.kubernetes.io/name', 'batch.kubernetes.io/job-name', 'example.com/k8s.io', 'app'])(
    'labels that Cilium keeps in identities select as usual: %s',
    (key) => {
      expect(selects(own(label(key)), withLabels({ [key]: 'a' }))).toBe(true);
    },
  );
});
