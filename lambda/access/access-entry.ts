import { stringify } from 'yaml';
import { AUDITOR_GROUP } from '../connect/eks/errors.ts';

/** Who audits which cluster. */
export interface Admission {
  readonly cluster: string;
  /** `null`: that of the profile in use. */
  readonly region: string | null;
  /** The IAM role that signs the tokens. */
  readonly principalArn: string;
  /** The Kubernetes group that it becomes a member of. @defaultValue that of the auditor */
  readonly group?: string;
}

/**
 * For clusters whose authentication mode is API or API_AND_CONFIG_MAP: lets the role in as a member of the
 * auditor's group (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
 */
export const createAccessEntry = ({
  cluster,
  region,
  principalArn,
  group = AUDITOR_GROUP,
}: Admission): string =>
  `aws eks create-access-entry${regionFlag(region)} --cluster-name ${cluster} --principal-arn ${principalArn} --kubernetes-groups ${group}`;

/** The command that shows the authentication mode of a cluster. */
export const showAuthenticationMode = ({ cluster, region }: Admission): string =>
  `aws eks describe-cluster${regionFlag(region)} --name ${cluster} --query cluster.accessConfig.authenticationMode`;

const regionFlag = (region: string | null): string => (region === null ? '' : ` --region ${region}`);

/**
 * For clusters whose mode is CONFIG_MAP: one more entry of `mapRoles` in the ConfigMap aws-auth of
 * kube-system. The path of a role must be left out there
 * (https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html).
 */
export function awsAuthEntry({
  principalArn,
  group = AUDITOR_GROUP,
}: Pick<Admission, 'principalArn' | 'group'>): string {
  const rolearn = principalArn.replace(/:role\/.*\//, ':role/');
  return stringify([{ rolearn, username: `${group}:{{SessionName}}`, groups: [group] }], {
    lineWidth: 0,
  });
}
