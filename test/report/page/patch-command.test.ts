import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../lambda/findings/finding.ts';
import { patchCommand } from '../../../lambda/report/page/patch-command.ts';
import { rankFindings } from '../../../lambda/run/conclude.ts';
import { aCluster, anAudited } from '../builders.ts';
import { addOns, mail, old, openEgress, PROD, writable } from '../golden-parts.ts';
import { pageInput, pageText, sectionText } from './pages.ts';

const commandOf = (...findings: readonly Finding[]): string | null => {
  const [first] = rankFindings([{ findings }], 0);
  if (first === undefined) throw new Error('It is ranked.');
  return patchCommand(first, () => false);
};
const COMMAND =
  'eks-drift-audit fixes payments/Deployment/checkout --eks prod-eu --region eu-west-1 --write fixes';

describe('the command that writes patches', () => {
  test.each([
    ['a template that a patch changes', writable({})],
    ['a namespace that needs a policy', openEgress({})],
  ])('%s has it, with the names of the workload and its cluster', (_, finding) => {
    expect(commandOf(finding)).toBe(COMMAND);
  });

  test.each([
    ['a restart, which has no file', old({})],
    ['a workload that AWS runs', { ...writable({}), managedBy: 'EKS add-on vpc-cni' }],
    ['a pod without a template', writable({ kind: 'Pod' })],
    ['a name that no cluster holds', writable({ name: 'x;rm -rf' })],
    ['a cluster that no command can name', writable({ cluster: { ...aCluster('a'), arn: null } })],
  ])('%s has none', (_, finding) => {
    expect(commandOf(finding)).toBeNull();
  });

  test('the card of a workload shows it to copy, and managed workloads have no card', () => {
    const page = pageText(pageInput(mail([anAudited(PROD, [writable({}), ...addOns(PROD)])])));
    expect(sectionText(page, 'worst')).toContain(`${COMMAND} Copy`);
    expect(page.match(/--write fixes<\/code>/g)).toHaveLength(1);
  });
});
