import { type LoggedOperation, writeDeploymentLog } from './deployment-log.ts';
import { type Inventory, type Outcome, openStacks, type Stacks } from './stacks.ts';

/** One stack of a name after the other; what happens to them is logged. */
export interface Deployments {
  readonly stacks: Stacks;
  create(title: string, template: object, parameters?: Readonly<Record<string, string>>): Promise<Outcome>;
  update(title: string, template: object, parameters?: Readonly<Record<string, string>>): Promise<Outcome>;
  delete(title: string): Promise<Outcome>;
  /** Writes the log. */
  close(): Promise<void>;
}

const STACK = 'EksDriftAuditor';

/** The cluster of `deployment.accessEntries` in the templates of the tests. */
const CLUSTER = {
  name: 'prod-1',
  endpoint: 'https://127.0.0.1',
  certificateAuthorityData: '',
  version: '1.36',
};

/** Named by the configuration, or always there. */
export const EXTERNAL = [
  'arn:aws:iam::111122223333:root',
  'arn:aws:iam::111122223333:role/EksDriftAuditorMember',
  'arn:aws:sns:eu-west-1:111122223333:on-call',
];

/**
 * An account with a cluster that knows access entries, and an old one that does not.
 *
 * @param log name of the file that gets the events
 */
export async function openDeployments(log: string): Promise<Deployments> {
  const stacks = await openStacks();
  await stacks.aws.putEksCluster(CLUSTER);
  await stacks.aws.putEksCluster({ ...CLUSTER, name: 'old-1', authenticationMode: 'CONFIG_MAP' });
  const operations: LoggedOperation[] = [];
  const logged = async (title: string, operation: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await operation;
    operations.push({ title, events: outcome.events });
    return outcome;
  };
  const request = (template: object, parameters: Readonly<Record<string, string>> = {}) => ({
    name: STACK,
    template: inNetwork(stacks, template),
    parameters,
  });
  return {
    stacks,
    create: (title, template, parameters) =>
      logged(`create: ${title}`, stacks.create(request(template, parameters))),
    update: (title, template, parameters) =>
      logged(`update: ${title}`, stacks.update(request(template, parameters))),
    delete: (title) => logged(`delete: ${title}`, stacks.delete(STACK)),
    close: async () => {
      writeDeploymentLog(log, operations);
      await stacks.close();
    },
  };
}

/** With the ids of the network that exists. */
const inNetwork = ({ network }: Stacks, template: object): object =>
  JSON.parse(
    Object.entries(network).reduce(
      (text, [id, existing]) => text.replaceAll(id, existing),
      JSON.stringify(template),
    ),
  ) as object;

/** What failed, with the reason, which says more than the status. */
export const failures = ({ events }: Outcome): readonly string[] =>
  events
    .filter(({ ResourceStatus: status }) => status.endsWith('FAILED'))
    .map(({ LogicalResourceId: id, ResourceStatusReason: reason }) => `${id}: ${reason}`);

/** Logical ids without their hashes, sorted. */
export const idsOf = ({ events }: Outcome, status: string): readonly string[] =>
  events
    .filter(({ ResourceStatus }) => ResourceStatus === status)
    .map(({ LogicalResourceId: id }) => id.replace(/[0-9A-F]{8}$/, ''))
    .toSorted();

/** How many more there are of each kind. */
export const added = (before: Inventory, after: Inventory): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([kind, ofKind]) => [kind, namesOf(ofKind).length - namesOf(before[kind] ?? {}).length] as const)
      .filter(([, count]) => count !== 0),
  );

const namesOf = (ofKind: object): readonly string[] => Object.keys(ofKind);

/** What is there now and was not before. */
export const fresh = (before: Inventory, after: Inventory): Inventory =>
  Object.fromEntries(
    Object.entries(after).map(([kind, ofKind]) => [
      kind,
      Object.fromEntries(Object.entries(ofKind).filter(([name]) => before[kind]?.[name] === undefined)),
    ]),
  );
