import { atLeast, groupOf, isCore, type PolicyEngine, since, YES } from './model.ts';

const LINK = 'https://docs.tigera.io/calico/latest/network-policy/';
const ADMIN = 'https://github.com/projectcalico/calico/issues/10745';

/**
 * Core policies and its own; the v1alpha1 kinds for administrators from 3.30 on, until 3.32 replaced
 * them by ClusterNetworkPolicy ("We've merged changes to remove AdminNetworkPolicy and introduce
 * ClusterNetworkPolicy into master, targeting v3.32", projectcalico/calico#10745).
 */
export const calico: PolicyEngine = {
  name: 'calico',
  title: 'Calico',
  link: LINK,
  enforces(type, agent) {
    const group = groupOf(type);
    if (isCore(type) || group === 'projectcalico.org' || group === 'crd.projectcalico.org') return YES;
    if (group === 'policy.networking.k8s.io') {
      if (type.kind === 'ClusterNetworkPolicy')
        return since(agent, '3.32.0', { title: 'Calico', link: ADMIN });
      if (atLeast(agent.version, '3.32.0') === true) {
        return {
          answer: 'no',
          why: `Calico gave this kind up in 3.32, and ${agent.version} runs`,
          link: ADMIN,
        };
      }
      return since(agent, '3.30.0', { title: 'Calico', link: ADMIN });
    }
    return { answer: 'no', why: 'Calico does not read this kind', link: LINK };
  },
  departures: () => [],
};
