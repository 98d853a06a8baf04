import { apiGroupOf } from '../../inventory/names.ts';
import { isCore, ownWord, type PolicyEngine, YES } from './policy-engine.ts';

type Naming = Pick<PolicyEngine, 'name' | 'title' | 'link' | 'unreadKinds'> & {
  /** Groups of further kinds that some version or setting of the engine reads. */
  readonly perhaps?: readonly string[];
};

/** An engine of which nothing is known but that it enforces the core kind. */
const coreOnly = ({ perhaps = [], ...naming }: Naming): PolicyEngine => ({
  ...naming,
  stateOf: (place) => ownWord(naming, place),
  enforces(type) {
    if (isCore(type)) return YES;
    if (perhaps.includes(apiGroupOf(type.apiVersion))) {
      return {
        answer: 'unknown',
        why: `whether this ${naming.title} reads the kind depends on its settings`,
        link: naming.link,
      };
    }
    return { answer: 'no', why: `${naming.title} does not read this kind`, link: naming.link };
  },
  departures: () => [],
});

export const kubeRouter = coreOnly({
  name: 'kube-router',
  title: 'kube-router',
  link: 'https://github.com/cloudnativelabs/kube-router/blob/master/docs/user-guide.md',
});

export const weaveNet = coreOnly({
  name: 'weave-net',
  title: 'Weave Net',
  link: 'https://github.com/weaveworks/weave',
});

/**
 * Its own kinds go before and after those of Kubernetes: "K8s NetworkPolicies will be enforced once all tiers have
 * been enforced", and only the baseline tier comes later, so that an Allow of theirs is final.
 * Source: https://antrea.io/docs/main/docs/antrea-network-policy/
 */
export const antrea = coreOnly({
  name: 'antrea',
  title: 'Antrea',
  link: 'https://antrea.io/docs/main/docs/admin-network-policy/',
  perhaps: ['policy.networking.k8s.io', 'crd.antrea.io'],
  unreadKinds: {
    names: 'NetworkPolicy and ClusterNetworkPolicy of crd.antrea.io',
    remedy:
      'Look at kubectl get clusternetworkpolicies.crd.antrea.io,networkpolicies.crd.antrea.io -A; see https://antrea.io/docs/main/docs/antrea-network-policy/.',
  },
});

export const kubeNetworkPolicies = coreOnly({
  name: 'kube-network-policies',
  title: 'kube-network-policies',
  link: 'https://github.com/kubernetes-sigs/kube-network-policies',
  perhaps: ['policy.networking.k8s.io'],
});
