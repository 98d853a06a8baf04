import { expect, test } from '@jest/globals';
import { renderAudit } from '../../lambda/cli/render/table.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import { unlistedRegistry } from '../../lambda/inventory/unlisted-registry.ts';
import { withoutAnswers } from '../../lambda/registry/oci/read-oci.ts';
import { digest } from '../../lambda/report/digest.ts';
import { pageOf, plain } from '../cli/render/pages.ts';
import { aGap, anAudited, aRun } from './builders.ts';
import { mail, PROD, STAGING, writable } from './golden-parts.ts';

/** Images outside ECR of 500 workloads, as at images.registry: sbom-presence: 2,000 rows. */
const HOSTS = ['docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io'];
const rowsOf = (cluster: ClusterIdentity): readonly NotEvaluated[] =>
  Array.from({ length: 500 }, (_, at) => {
    const host = HOSTS[at % HOSTS.length] ?? '';
    const { pushedAt, scan } = withoutAnswers(host, 'auto');
    const unlisted = unlistedRegistry(host);
    const asked = {
      'image-digest-drifted': unlisted,
      'image-without-sbom': unlisted,
      'image-too-old': pushedAt,
      'image-scan-stale': scan,
    };
    return Object.entries(asked).flatMap(([check, why]) => {
      if (why === undefined || 'value' in why) throw new Error('it has an answer');
      const { reason, message, remedy: remediation } = why;
      const workload = { namespace: 'shop', kind: 'Deployment', name: `app-${at}` };
      const gap = reason === 'platform' ? ('known' as const) : ('fixable' as const);
      return { ...aGap({ check, cluster, reason, message, remediation }), workload, gap };
    });
  }).flat();

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const MESSAGE = '4 registries were not asked, since images.registries does not list them.';
const REMEDY =
  'Add those that may be asked to images.registries: [{ host: docker.io }, { host: ghcr.io }, { host: quay.io }, { host: registry.k8s.io }].';

test('registries that are not listed are one entry of the mail, and what no registry answers is one line', () => {
  const fresh = writable({ namespace: 'shop', name: 'cart', status: 'new' });
  const clusters = [PROD, STAGING].map((cluster) => ({
    ...anAudited(cluster, [fresh]),
    notEvaluated: rowsOf(cluster),
  }));
  const text = oneLine(digest(mail(clusters)).body);
  expect(text.split('images.registries does not list')).toHaveLength(2);
  expect(text).toContain(`prod-eu (500 workloads), staging (500 workloads): registry not read`);
  expect(text).toContain(`${MESSAGE} Affects 2 checks: image-digest-drifted, image-without-sbom.`);
  expect(text).toContain(REMEDY);
  expect(text).toContain('2,000 verdicts in 2 clusters (not supported on this platform)');
});

test('on the terminal they are one entry, too', () => {
  const run = aRun([{ ...anAudited(PROD), notEvaluated: rowsOf(PROD) }]);
  const text = oneLine(renderAudit(pageOf(run), plain(100)));
  expect(text).toContain(`2 checks in prod-eu (500 workloads): registry not read. ${MESSAGE}`);
  expect(text).toContain(REMEDY.slice(0, 100));
  expect(text).toContain('1,000 verdicts that no setting decides: not supported on this platform');
});

test('one registry alone is named as it is', () => {
  const notEvaluated = rowsOf(PROD).filter(({ message }) => message.includes('quay.io'));
  const text = oneLine(renderAudit(pageOf(aRun([{ ...anAudited(PROD), notEvaluated }])), plain(100)));
  expect(text).toContain('The registry quay.io was not asked, since images.registries does not list it.');
  expect(text).toContain('Add { host: quay.io } to images.registries.');
});
