import type { AwsServices } from '../environment/aws-services.ts';

/** An organization under test, with one unit. */
export interface TestOrganization {
  readonly unit: string;
  add(account: { readonly id: string; readonly state?: 'ACTIVE' | 'SUSPENDED' }): Promise<void>;
  /** The management account itself. */
  addOwn(): Promise<void>;
  /** Of these accounts the member role does not exist. */
  withoutRole(...roleArns: readonly string[]): Promise<void>;
}

/** Makes the account of the services the management account of an organization. */
export async function openOrganization(aws: AwsServices): Promise<TestOrganization> {
  const call = async <Answer>(action: string, input: object): Promise<Answer> => {
    const { status, body } = await aws.request({
      service: 'organizations',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSOrganizationsV20161128.${action}`,
      },
      body: JSON.stringify(input),
    });
    if (status !== 200) throw new Error(`${action}: ${status} ${body}`);
    return (body === '' ? {} : JSON.parse(body)) as Answer;
  };
  const put = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${aws.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  await call('CreateOrganization', { FeatureSet: 'ALL' });
  const { Roots } = await call<{ readonly Roots: readonly { readonly Id: string }[] }>('ListRoots', {});
  const { OrganizationalUnit } = await call<{ readonly OrganizationalUnit: { readonly Id: string } }>(
    'CreateOrganizationalUnit',
    { ParentId: Roots[0]?.Id, Name: 'workloads' },
  );
  const unit = OrganizationalUnit.Id;
  const move = { AccountId: aws.accountId, SourceParentId: Roots[0]?.Id, DestinationParentId: unit };
  return {
    unit,
    add: (account) => put('/e2e/organization-accounts', { managementId: aws.accountId, unit, ...account }),
    addOwn: async () => void (await call('MoveAccount', move)),
    withoutRole: (...arns) => put('/e2e/missing-roles', { arns }),
  };
}
