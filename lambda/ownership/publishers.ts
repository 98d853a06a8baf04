/**
 * Accounts of the registries from which EKS serves the images of its add-ons, by region.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/add-ons-images.html (read 2026-11-29)
 */
const EKS_ACCOUNTS: ReadonlySet<string> = new Set([
  '602401143452', // most regions that are enabled by default
  '877085696533', // af-south-1
  '800184023465', // ap-east-1
  '533267051163', // ap-east-2
  '900889452093', // ap-south-2
  '296578399912', // ap-southeast-3
  '491585149902', // ap-southeast-4
  '151610086707', // ap-southeast-5
  '333609536671', // ap-southeast-6
  '121268973566', // ap-southeast-7
  '761377655185', // ca-west-1
  '918309763551', // cn-north-1
  '961992271922', // cn-northwest-1
  '900612956339', // eu-central-2
  '590381155156', // eu-south-1
  '455263428931', // eu-south-2
  '877088126301', // eusc-de-east-1
  '066635153087', // il-central-1
  '759879836304', // me-central-1
  '558608220178', // me-south-1
  '730335286997', // mx-central-1
  '151742754352', // us-gov-east-1
  '013241004608', // us-gov-west-1
]);

/**
 * Accounts from which GuardDuty serves its agent in addition to those of EKS.
 * Source: https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-ecr-repository-gdu-agent.html
 */
const GUARDDUTY_ACCOUNTS: ReadonlySet<string> = new Set([
  '039403964562', // us-west-2
  '113643092156', // eu-west-3
  '610108029387', // ap-south-1
  '618745550137', // ap-south-2
  '001188825231', // ca-central-1
  '601769779514', // me-central-1
  '109118265657', // eu-west-2
  '373421517865', // us-west-1
  '031903291036', // us-east-1
  '591382732059', // us-east-2
  '673884943994', // eu-west-1
  '941219317354', // sa-east-1
  '366771026645', // eu-north-1
  '409493279830', // eu-central-1
  '718440343717', // eu-central-2
  '584580519942', // ap-southeast-1
  '011662287384', // ap-southeast-2
  '617474730032', // ap-southeast-3
  '781592569369', // ap-northeast-1
  '732248494576', // ap-northeast-2
  '810724417379', // ap-northeast-3
  '790429075973', // ap-east-1
  '541829937850', // me-south-1
  '528450769569', // eu-south-1
  '531047660167', // eu-south-2
  '379032919888', // af-south-1
  '750462861327', // ap-southeast-4
  '292660727137', // il-central-1
]);

/**
 * Aliases of AWS in its public registry, from the charts of the same programs: `values.yaml` of aws/eks-charts,
 * kubernetes-sigs/aws-ebs-csi-driver, kubernetes-sigs/aws-efs-csi-driver, kubernetes-sigs/aws-fsx-csi-driver,
 * awslabs/mountpoint-s3-csi-driver and aws-observability/helm-charts.
 */
const PUBLIC_ALIASES: ReadonlySet<string> = new Set([
  'aws-observability',
  'cloudwatch-agent',
  'csi-components',
  'ebs-csi-driver',
  'efs-csi-driver',
  'eks',
  'eks-distro',
  'fsx-csi-driver',
  'mountpoint-s3-csi-driver',
]);

export type Publisher = 'eks' | 'guardduty';

/** Hosts of private registries: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html */
const PRIVATE =
  /^(?<account>\d{12})\.(?:dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.(?:com|com\.cn|eu)|dkr-ecr(?:-fips)?\.[a-z0-9-]+\.on\.(?:aws|amazonwebservices\.com\.cn))$/;

/**
 * Whether an image comes from the publisher, by the registry that its reference names. A mirror, whatever it is called,
 * is somebody else's: what it holds is not known.
 */
export function isPublishedBy(publisher: Publisher, image: string | null): boolean {
  const [host = '', alias = '', ...rest] = image?.split('/') ?? [];
  if (host === 'public.ecr.aws') return rest.length > 0 && PUBLIC_ALIASES.has(alias);
  const account = PRIVATE.exec(host)?.groups?.['account'] ?? '';
  return (
    alias !== '' &&
    (EKS_ACCOUNTS.has(account) || (publisher === 'guardduty' && GUARDDUTY_ACCOUNTS.has(account)))
  );
}

/** Whether an account is one of those from which AWS itself serves images of clusters, by private registries. */
export const isOwnedByAws = (accountId: string): boolean =>
  EKS_ACCOUNTS.has(accountId) || GUARDDUTY_ACCOUNTS.has(accountId);
