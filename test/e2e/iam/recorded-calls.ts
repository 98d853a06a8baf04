/** A request as aws/calls.py writes it down. */
export interface RecordedRequest {
  readonly service: string;
  readonly region: string;
  /** Of the session. */
  readonly principal: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly target: string;
  readonly body: string;
  /** Of the answer. */
  readonly status: number;
}

/** What IAM is asked for a request: one question an action. */
export interface AuthorizationRequest {
  /** ARN of the role. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys of this request, besides those of every request. */
  readonly context: Readonly<Record<string, string>>;
}

/** All accounts here are of one. */
export const ORGANIZATION = 'o-exampleorg';

/**
 * What IAM is asked, by the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
 * @throws Error for a request that no rule is for: add one
 */
export function authorizationsOf(request: RecordedRequest): readonly AuthorizationRequest[] {
  const { service, region, principal } = request;
  const [, partition, account, name] =
    /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(principal) ?? [];
  if (account === undefined)
    throw new Error(`A request to ${service} is by ${principal || 'unknown credentials'}.`);
  const questions = SERVICES[service]?.(request, { partition: partition ?? 'aws', account });
  if (questions === undefined) {
    throw new Error(
      `test/e2e/iam/recorded-calls.ts has no rule for ${service} ${request.method} ${request.path} ${request.target} ${request.body.slice(0, 80)}: add it.`,
    );
  }
  return questions.map(({ action, resource, context = {} }) => ({
    role: `arn:${partition}:iam::${account}:role/${name}`,
    action: `${service}:${action}`,
    resource,
    context: { 'aws:RequestedRegion': region, ...context },
  }));
}

interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

interface Caller {
  readonly partition: string;
  readonly account: string;
}

type Rule = (request: RecordedRequest, caller: Caller) => readonly Question[] | undefined;

const sts: Rule = ({ body }) => {
  const form = new URLSearchParams(body);
  if (form.get('Action') === 'GetCallerIdentity') return [];
  if (form.get('Action') !== 'AssumeRole') return undefined;
  const tags = [...form].flatMap(([key, value]) => {
    const [, index] = /^Tags\.member\.(\d+)\.Key$/.exec(key) ?? [];
    return index === undefined
      ? []
      : [[`aws:RequestTag/${value}`, form.get(`Tags.member.${index}.Value`) ?? '']];
  });
  const externalId = form.get('ExternalId');
  const resource = form.get('RoleArn') ?? '';
  const tagged = Object.fromEntries(tags) as Readonly<Record<string, string>>;
  return [
    {
      action: 'AssumeRole',
      resource,
      context: { ...tagged, ...(externalId === null ? {} : { 'sts:ExternalId': externalId }) },
    },
    // The external id is no condition key of it.
    ...(tags.length === 0 ? [] : [{ action: 'TagSession', resource, context: tagged }]),
  ];
};

const sns: Rule = ({ body }) => {
  const form = new URLSearchParams(body);
  return [{ action: form.get('Action') ?? '', resource: form.get('TopicArn') ?? '' }];
};

const ec2: Rule = ({ body, region }, { partition, account }) => {
  const form = new URLSearchParams(body);
  const action = form.get('Action') ?? '';
  if (action !== 'GetManagedPrefixListEntries') return [{ action, resource: '*' }];
  const id = form.get('PrefixListId');
  return [{ action, resource: `arn:${partition}:ec2:${region}:${account}:prefix-list/${id}` }];
};

const kms: Rule = ({ target, body }) => {
  const [, action = ''] = /^TrentService\.(\w+)$/.exec(target) ?? [];
  const { KeyId, SigningAlgorithm, MessageType } = JSON.parse(body) as Readonly<Record<string, string>>;
  return [
    {
      action,
      resource: KeyId ?? '',
      context: {
        ...(SigningAlgorithm === undefined ? {} : { 'kms:SigningAlgorithm': SigningAlgorithm }),
        ...(MessageType === undefined ? {} : { 'kms:MessageType': MessageType }),
      },
    },
  ];
};

const events: Rule = ({ target, body, region }, { partition, account }) => {
  if (!target.endsWith('.PutEvents')) return undefined;
  const { Entries } = JSON.parse(body) as { readonly Entries: readonly { readonly EventBusName?: string }[] };
  const buses = new Set(Entries.map(({ EventBusName = 'default' }) => EventBusName));
  return [...buses].map((bus) => ({
    action: 'PutEvents',
    resource: bus.startsWith('arn:') ? bus : `arn:${partition}:events:${region}:${account}:event-bus/${bus}`,
  }));
};

const securityhub: Rule = ({ method, path, body }) => {
  if (`${method} ${path}` !== 'POST /findings/import') return undefined;
  const { Findings } = JSON.parse(body) as { readonly Findings: readonly { readonly ProductArn: string }[] };
  return [...new Set(Findings.map(({ ProductArn }) => ProductArn))].map((resource) => ({
    action: 'BatchImportFindings',
    resource,
  }));
};

const eks: Rule = ({ method, path, region }, { partition, account }) => {
  if (method !== 'GET') return undefined;
  const arn = (resource: string): string => `arn:${partition}:eks:${region}:${account}:${resource}`;
  const [, cluster, kind, name] = /^\/clusters(?:\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?)?$/.exec(path) ?? [];
  if (cluster === undefined)
    return path === '/clusters' ? [{ action: 'ListClusters', resource: '*' }] : undefined;
  if (kind === undefined) return [{ action: 'DescribeCluster', resource: arn(`cluster/${cluster}`) }];
  if (kind === 'addons' && name !== undefined)
    return [{ action: 'DescribeAddon', resource: arn(`addon/${cluster}/${name}/0a1b2c3d`) }];
  if (kind !== 'fargate-profiles') return undefined;
  return name === undefined
    ? [{ action: 'ListFargateProfiles', resource: arn(`cluster/${cluster}`) }]
    : [{ action: 'DescribeFargateProfile', resource: arn(`fargateprofile/${cluster}/${name}/0a1b2c3d`) }];
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const s3: Rule = ({ method, host, path, query, status }, { partition }) => {
  const [, named] = /^(.+)\.(?:s3|localhost|127)/.exec(host) ?? [];
  const [bucket = '', ...rest] =
    named === undefined ? path.slice(1).split('/') : [named, ...path.slice(1).split('/')];
  const key = rest.join('/');
  const resource = `arn:${partition}:s3:::${bucket}/${key}`;
  if (key === '') {
    if (method !== 'GET' || query['list-type'] !== '2') return undefined;
    return [
      {
        action: 'ListBucket',
        resource: `arn:${partition}:s3:::${bucket}`,
        context: { 's3:prefix': query['prefix'] ?? '' },
      },
    ];
  }
  if (method === 'GET' || method === 'HEAD') {
    // Of an object that does not exist S3 says so to those alone who may list the bucket: the auditor then lists its key.
    const listing = {
      action: 'ListBucket',
      resource: `arn:${partition}:s3:::${bucket}`,
      context: { 's3:prefix': key },
    };
    return [{ action: 'GetObject', resource }, ...(status === 404 ? [listing] : [])];
  }
  if (method === 'DELETE' && query['uploadId'] !== undefined)
    return [{ action: 'AbortMultipartUpload', resource }];
  // Parts and the completion of an upload, too.
  return method === 'PUT' || method === 'POST' ? [{ action: 'PutObject', resource }] : undefined;
};

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html. Who lists referrers
 * needs another right: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
 */
const ecr: Rule = ({ target, body, region }, { partition, account }) => {
  const [, called = ''] = /^AmazonEC2ContainerRegistry_V\d+\.(\w+)$/.exec(target) ?? [];
  const action = called === 'ListImageReferrers' ? 'BatchGetImage' : called;
  const input = JSON.parse(body) as {
    readonly registryId?: string;
    readonly repositoryName?: string;
    readonly repositoryNames?: readonly string[];
  };
  const names = input.repositoryNames ?? (input.repositoryName === undefined ? [] : [input.repositoryName]);
  if (names.length === 0) return [{ action, resource: '*' }];
  return names.map((name) => ({
    action,
    resource: `arn:${partition}:ecr:${region}:${input.registryId ?? account}:repository/${name}`,
  }));
};

const inspector2: Rule = ({ method, path }) =>
  `${method} ${path}` === 'POST /coverage/list' ? [{ action: 'ListCoverage', resource: '*' }] : undefined;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html */
const organizations: Rule = ({ target, body }, { partition, account }) => {
  const [, action = ''] = /^AWSOrganizationsV\d+\.(\w+)$/.exec(target) ?? [];
  const { ParentId: parent = '' } = JSON.parse(body) as { readonly ParentId?: string };
  const type = parent.startsWith('r-') ? 'root' : 'ou';
  return [
    { action, resource: `arn:${partition}:organizations::${account}:${type}/${ORGANIZATION}/${parent}` },
  ];
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html */
const secretsmanager: Rule = ({ target, body }) => {
  if (target !== 'secretsmanager.GetSecretValue') return undefined;
  const { SecretId = '' } = JSON.parse(body) as { readonly SecretId?: string };
  return [{ action: 'GetSecretValue', resource: SecretId }];
};

const SERVICES: Readonly<Record<string, Rule>> = {
  sts,
  sns,
  ec2,
  kms,
  events,
  securityhub,
  eks,
  ecr,
  inspector2,
  organizations,
  secretsmanager,
  s3,
};
