import { awsAuthEntry } from './access-entry.ts';
import { clusterAccessYaml } from './manifests.ts';
import { measureAccess } from './measure.ts';
import { accessRules, MESH_CONFIG_RULE } from './rules.ts';

/** What is published in `manifests/`, for those who do not run the command line. */
export function manifestFiles(): Readonly<Record<string, string>> {
  const measuring = measureAccess('kubelet');
  return {
    'cluster-role.yaml': `${comment([
      'What every audited cluster must grant: kubectl apply -f cluster-role.yaml',
      'The access entry that adds the auditor to the group: eks-drift-audit access --cluster NAME',
    ])}${clusterAccessYaml(accessRules())}`,
    'mesh-role.yaml': `${comment([
      'In addition to cluster-role.yaml, in clusters with Istio: kubectl apply -f mesh-role.yaml',
    ])}${clusterAccessYaml([MESH_CONFIG_RULE])}`,
    'measure-role.yaml': `${comment([
      'In addition to cluster-role.yaml, where measure.writableLayer is kubelet: kubectl apply -f measure-role.yaml',
      'It is for the measuring role, whose tokens kubelets get, and must not be granted to the auditor.',
      'The access entry that adds the role to the group: eks-drift-audit access --cluster NAME --measure kubelet',
    ])}${clusterAccessYaml([measuring.rule], measuring.to)}`,
    'aws-auth.yaml': `${comment([
      'For clusters whose authentication mode is CONFIG_MAP: an additional entry of mapRoles in the ConfigMap aws-auth',
      'of kube-system, next to the existing ones. Replace the account id by that of the auditor.',
    ])}${awsAuthEntry({ principalArn: 'arn:aws:iam::111122223333:role/EksDriftAuditor' })}`,
  };
}

const comment = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join('');
