import { describe, expect, test } from '@jest/globals';
import { apartFindings, countedFindings, isApart } from '../../lambda/findings/apart.ts';
import { aFinding } from './builders.ts';

const managedBy = 'EKS add-on coredns';

describe('findings of managed workloads', () => {
  test.each([
    ['open', 'open', false, true],
    ['new in a cluster that was known', 'new', false, false],
    ['new in a cluster that no earlier run knew', 'new', true, true],
    ['fixed', 'fixed', false, true],
    ['exempt', 'exempt', false, true],
  ] as const)('one that is %s is apart or not', (_, status, firstRun, apart) => {
    expect(isApart(aFinding({ status, managedBy }), firstRun)).toBe(apart);
    expect(isApart(aFinding({ status }), firstRun)).toBe(false);
    expect(isApart(aFinding({ status, managedBy: null }), firstRun)).toBe(false);
  });

  test.each(['writable-layer-drifted', 'debug-container-attached'])(
    '%s is never apart: nobody who manages a workload does that',
    (check) => {
      expect(isApart(aFinding({ check, status: 'open', managedBy }), false)).toBe(false);
      expect(isApart(aFinding({ check, status: 'new', managedBy }), true)).toBe(false);
    },
  );

  test('what counts and what is apart share the new and open findings between them', () => {
    const own = aFinding({ on: 'shop/Deployment/cart' });
    const open = aFinding({ on: 'kube-system/Deployment/coredns', status: 'open', managedBy });
    const closed = aFinding({ on: 'kube-system/DaemonSet/kube-proxy', status: 'gone', managedBy });
    const result = { findings: [own, open, closed] };
    expect(countedFindings(result)).toEqual([own]);
    expect(apartFindings(result)).toEqual([open]);
  });
});
