import type { Permission, ReviewedRule, Subject } from '../../access/review.ts';
import { asCalled, isEksName } from '../../report/own-commands.ts';
import { paragraphLines, tableLines } from './columns.ts';
import { canvasOf } from './page.ts';
import type { Look } from './style.ts';

export interface AccessPage {
  readonly cluster: string;
  readonly subject: Subject;
  readonly reviewed: readonly ReviewedRule[];
  /** Granted, and more than an audit needs. */
  readonly excess: readonly Permission[];
}

/** `access check`: each rule with the API server's answer, then what it comes to. */
export function renderAccess({ cluster, subject, reviewed, excess }: AccessPage, look: Look): string {
  const { style, width } = canvasOf(look);
  const missing = reviewed.filter(({ allowed }) => !allowed);
  const who = subject === 'self' ? 'you' : `members of ${subject.group}`;
  const rows = reviewed.map(({ rule, permission, allowed }) => [
    allowed ? { text: 'yes', paint: style.good } : { text: 'NO', paint: style.bad },
    { text: permission.verb },
    { text: nameOf(permission), paint: style.bold },
    { text: rule.why, paint: style.dim },
  ]);
  const columns = [{}, {}, {}, { cut: 'end' as const }];
  const verdict =
    missing.length === 0
      ? { text: `✓ The cluster ${cluster} grants ${who} everything that an audit reads.`, paint: style.good }
      : { text: asCalled(missingSentence(missing, cluster, who), look), paint: style.bad };
  const lines = [
    ...tableLines(rows, { columns, width, indent: 2 }),
    '',
    ...paragraphLines(verdict.text, { width, indent: 0, lines: 20, paint: verdict.paint }),
    ...excessLines(excess, who).flatMap((text) =>
      paragraphLines(text, { width, indent: 0, lines: 10, paint: style.warn }),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function missingSentence(missing: readonly ReviewedRule[], cluster: string, who: string): string {
  const names = missing.map(({ permission }) => `${permission.verb} ${nameOf(permission)}`).join(', ');
  const checks = [...new Set(missing.flatMap(({ rule }) => rule.checks))];
  const of = isEksName(cluster) ? cluster : 'NAME';
  const effect = checks.length === 0 ? '' : ` Not evaluated without it: ${checks.join(', ')}.`;
  return `✗ The cluster ${cluster} does not grant ${who}: ${names}.${effect} Apply what eks-drift-audit access --cluster ${of} prints.`;
}

const excessLines = (excess: readonly Permission[], who: string): readonly string[] =>
  excess.length === 0
    ? []
    : [
        `! It grants ${who} more than an audit needs: ${excess.map((permission) => `${permission.verb} ${nameOf(permission)}`).join(', ')}.`,
      ];

/** `configmaps kube-system/cilium-config` where one object is meant. */
function nameOf({ group, resource, namespace, name }: Permission): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  const object = [namespace, name].filter((part) => part !== undefined).join('/');
  return object === '' ? kind : `${kind} ${object}`;
}
