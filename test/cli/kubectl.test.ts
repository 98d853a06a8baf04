import { describe, expect, test } from '@jest/globals';
import { kubectlFlags, updateKubeconfig } from '../../lambda/cli/kubectl.ts';
import { inCluster } from '../../lambda/report/in-cluster.ts';

const prod = {
  name: 'prod',
  arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
  accountId: '111122223333',
  region: 'eu-west-1',
};
const kind = { name: 'kind', arn: null, accountId: null, region: null };

describe('kubectl', () => {
  test('a context that was named is the one of its commands, with its kubeconfig', () => {
    const options = { context: ['my prod', 'kind'], kubeconfig: 'k.yaml' };
    const flags = kubectlFlags(options, [
      { identity: prod, context: 'my prod' },
      { identity: kind, context: 'kind' },
    ]);
    expect(flags(prod)).toBe(" --kubeconfig k.yaml --context 'my prod'");
    expect(flags(kind)).toBe(' --kubeconfig k.yaml --context kind');
    // It is set already.
    expect(kubectlFlags({}, [{ identity: prod }])(prod)).toBe('');
  });

  test('a cluster of EKS has the context that aws eks update-kubeconfig makes', () => {
    const options = { eks: ['prod'], roleArn: 'arn:aws:iam::111122223333:role/Auditor' };
    expect(kubectlFlags(options, [{ identity: prod }])(prod)).toBe(` --context ${prod.arn}`);
    expect(updateKubeconfig(options, prod)).toBe(
      `aws eks update-kubeconfig --name prod --region eu-west-1 --role-arn ${options.roleArn}`,
    );
    expect(updateKubeconfig({}, prod)).toBeNull();
  });

  test('of several clusters of a file each is named, so that no command meets another one', () => {
    const options = { snapshot: ['two.json.gz'] };
    const flags = kubectlFlags(options, [{ identity: prod }, { identity: kind }]);
    expect(flags(prod)).toBe(` --context ${prod.arn}`);
    expect(flags(kind)).toBe(' --context kind');
    expect(kubectlFlags(options, [{ identity: prod }])(prod)).toBe('');
  });

  test.each([
    ['kubectl -n shop delete pod web', 'kubectl --context a -n shop delete pod web'],
    // Plugins take no flags before their name (kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins).
    ['kubectl argo rollouts restart web -n shop', 'kubectl argo rollouts restart --context a web -n shop'],
    [
      'istioctl analyze -n shop; istioctl proxy-config cluster web.shop',
      'istioctl --context a analyze -n shop; istioctl --context a proxy-config cluster web.shop',
    ],
    ['aws eks describe-addon', 'aws eks describe-addon'],
  ])('%s', (command, expected) => {
    expect(inCluster(command, ' --context a')).toBe(expected);
  });
});
