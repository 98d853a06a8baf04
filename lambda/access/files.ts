import { awsAuthEntry } from './access-entry.ts';
import { clusterAccessYaml } from './manifests.ts';
import { accessRules, MESH_CONFIG_RULE } from './rules.ts';

/** What is published in `manifests/`, for those who do not run the command line. */
export function manifestFiles(): Readonly<Record<string, string>> {
  return {
    'cluster-role.yaml': `${comment([
      'What every audited cluster grants: kubectl apply -f cluster-role.yaml',
      'The access entry that puts the auditor into the group: eks-drift-audit access --cluster NAME',
    ])}${clusterAccessYaml(accessRules())}`,
    'mesh-role.yaml': `${comment([
      'Beside cluster-role.yaml, where Istio runs: kubectl apply -f mesh-role.yaml',
    ])}${clusterAccessYaml([MESH_CONFIG_RULE])}`,
    'aws-auth.yaml': `${comment([
      'For clusters whose authentication mode is CONFIG_MAP: one more entry of mapRoles in the ConfigMap aws-auth',
      'of kube-system, beside what stands there. Put the account of the auditor in.',
    ])}${awsAuthEntry({ principalArn: 'arn:aws:iam::111122223333:role/EksDriftAuditor' })}`,
  };
}

const comment = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join('');
