import {
  deployedStacks,
  type ExplainedResource,
  type ExplainedStatement,
  explained,
  unexplained,
} from './deployed-stacks.ts';
import { conditionText, resourceText } from './policy-text.ts';

/** docs/permissions.md: every resource and every grant, each with its reason, from the stacks. */
export function permissionsPage(): string {
  const stacks = Object.entries(deployedStacks()).map(([name, stack]) => [name, explained(stack)] as const);
  const missing = [...new Set(stacks.flatMap(([, resources]) => unexplained(resources)))];
  if (missing.length > 0) {
    throw new Error(
      [
        'What is deployed without a reason needs one, beside it in lib/ (see lib/reasons.ts):',
        ...missing,
      ].join('\n'),
    );
  }
  const hub = merged(stacks.filter(([name]) => name !== 'member'));
  const member = merged(stacks.filter(([name]) => name === 'member'));
  return `${[
    INTRODUCTION,
    '## What the roles of the hub may do',
    ...rolesOf(hub),
    '## What policies of resources of the hub say',
    ...resourcePolicies(hub),
    '## What the role of a member account may do',
    ...rolesOf(member),
    '## Resources of the hub',
    resourceTable(hub),
    '## Resources of a member account',
    resourceTable(member),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# What is deployed, and why

<!-- Generated from lib/ by npm run docs. -->

Every grant and every resource, with its reason; in the templates grants have the same Sids. Names are those of the templates
without their hashes. *When* is \`always\`, or the mode (\`single\`, \`fleet\`) and \`options\` where more than the default
configuration is needed. No action of a role has a wildcard, and no role may delete an object. What the functions ask AWS for is
evaluated against these policies by a simulator: [decision 0027](decisions/0027-iam-proven.md).`;

/** A resource, and the names of the stacks that have it. */
interface Deployed extends ExplainedResource {
  readonly stacks: readonly string[];
  readonly statements: readonly DeployedStatement[];
}

interface DeployedStatement extends ExplainedStatement {
  readonly stacks: readonly string[];
}

/** Resources of all stacks by their logical ids, with the statements that any of the stacks has. */
function merged(stacks: readonly (readonly [string, readonly ExplainedResource[]])[]): readonly Deployed[] {
  const all = stacks.flatMap(([stack, resources]) => resources.map((one) => ({ ...one, stack })));
  return [...Map.groupBy(all, ({ id }) => id).values()].map((same) => {
    const [first] = same as [(typeof same)[0]];
    const statements = same.flatMap((one) => one.statements.map((it) => ({ ...it, stack: one.stack })));
    return {
      ...first,
      stacks: same.map(({ stack }) => stack),
      statements: [...Map.groupBy(statements, contentOf).values()].map((alike) => ({
        ...(alike[0] as (typeof alike)[0]),
        stacks: alike.map(({ stack }) => stack),
      })),
    };
  });
}

const contentOf = ({
  statement: { Sid, Effect, Action, Resource, Principal, Condition },
}: ExplainedStatement) =>
  JSON.stringify([Sid, Effect, Action, Resource, Principal, Object.keys(Condition ?? {})]);

const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

function rolesOf(resources: readonly Deployed[]): readonly string[] {
  return resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .flatMap((role) => {
      const policies = resources.filter(
        ({ type, properties }) =>
          type === 'AWS::IAM::Policy' &&
          (properties['Roles'] as readonly { readonly Ref: string }[]).some(({ Ref }) => Ref === role.id),
      );
      const grants = policies.flatMap(({ statements, condition }) =>
        statements.map((one) => ({ ...one, condition })),
      );
      const trust = role.statements.map(({ statement: { Principal, Condition } }) => {
        const condition = conditionText(Condition);
        return `${takers(Principal)}${condition === '' ? '' : `, only if ${condition}`}`;
      });
      return [
        `### ${nameOf(role.id)}`,
        `${ended(role.reason ?? '')} Taken on by ${[...new Set(trust)].join('; and by ')}.`,
        grants.length === 0
          ? 'It may do nothing in AWS.'
          : table(
              ['grant', 'when', 'actions', 'on', 'only if', 'why'],
              grants.map(({ key, statement, reason, stacks, condition }) => [
                titleOf(key, statement.Effect),
                whenOf(stacks, condition),
                [statement.Action].flat().map(code).join(' '),
                [statement.Resource]
                  .flat()
                  .map((one) => code(resourceText(one)))
                  .join(' '),
                conditionText(statement.Condition),
                reason ?? '',
              ]),
            ),
      ];
    });
}

const ended = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const takers = (principal: unknown): string =>
  Object.values(principal as Readonly<Record<string, unknown>>)
    .map((one) => code(resourceText(one)))
    .join(', ');

function resourcePolicies(resources: readonly Deployed[]): readonly string[] {
  const rows = resources
    .filter(({ type }) => !type.startsWith('AWS::IAM::'))
    .flatMap(({ id, statements }) =>
      statements.map(({ key, statement, reason, stacks }) => [
        nameOf(id),
        titleOf(key, statement.Effect),
        whenOf(stacks),
        statement.Principal === undefined || typeof statement.Principal === 'string'
          ? 'everyone'
          : takers(statement.Principal),
        [statement.Action].flat().map(code).join(' '),
        conditionText(statement.Condition),
        reason ?? '',
      ]),
    );
  return [table(['policy of', 'statement', 'when', 'who', 'actions', 'only if', 'why'], rows)];
}

const resourceTable = (resources: readonly Deployed[]): string =>
  table(
    ['type', 'name', 'when', 'why'],
    resources
      .toSorted((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0))
      .map(({ type, id, stacks, condition, reason, statements }) => [
        type.replace('AWS::', ''),
        nameOf(id),
        whenOf(stacks, condition),
        type === 'AWS::IAM::Policy'
          ? `The grants ${[...new Set(statements.map(({ key }) => key))].join(', ')}.`
          : ended(reason ?? ''),
      ]),
  );

/** @param condition of the template */
function whenOf(stacks: readonly string[], condition?: string): string {
  if (stacks.includes('member')) return condition ?? 'always';
  const [always, single, fleet] = ['default', 'single', 'fleet'].map((one) => stacks.includes(one));
  if (single && fleet) return always ? 'always' : 'options';
  if (single) return always ? 'single' : 'single, options';
  return fleet ? 'fleet' : 'without options';
}

/** A Sid, or what a statement without one says. */
const titleOf = (key: string, effect: 'Allow' | 'Deny'): string =>
  `${key.includes(' ') ? code(key) : `**${key}**`}${effect === 'Deny' ? ' (deny)' : ''}`;

const code = (text: string): string => `\`${text}\``;

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
