import { hash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { countedFindings } from '../findings/apart.ts';
import { isClosed } from '../findings/identity.ts';
import { type DigestInput, digest } from './digest.ts';
import { paragraph, quoted } from './digest-layout.ts';
import type { Digest } from './digest-message.ts';
import { mailSubject } from './escape.ts';
import { ownerCounts, ownersOfGaps } from './owner-counts.ts';
import { type Audience, partOf } from './part-of-run.ts';
import { listed, shortened } from './words.ts';

/** A mail about a part of a run. */
export interface PartMail {
  /** The same in every run: names the marker that says that it was sent. */
  readonly name: string;
  /** `null`: the topic of the digest. */
  readonly topicArn: string | null;
  readonly digest: Digest;
}

/** One mail each is sent for no more owners: labels name them, and whoever may set a label could name thousands. */
export const MOST_OWNERS = 100;

/** Many of them are kept with the decision of the run. */
const PART_BYTES = 48 * 1024;

const NAMES = 5;

/**
 * The mails about parts of a run: one for each route of the configuration, also where it has nothing to say, and with
 * `perOwner` one for each owner of something that is open, cannot be decided or has changed, those with the worst findings
 * first.
 */
export function partMails(
  input: DigestInput,
  { perOwner, routes }: Pick<Config['digest'], 'perOwner' | 'routes'>,
): readonly PartMail[] {
  const ofRoutes = routes.map(({ match: { namespaces }, topicArn }): PartMail => {
    const name = nameOf('route', [topicArn, ...namespaces]);
    return { name, topicArn, digest: mailFor(input, { kind: 'route', namespaces }) };
  });
  const ofOwners = (perOwner ? ownersWithNews(input) : []).slice(0, MOST_OWNERS).map((owner): PartMail => {
    const name = nameOf('owner', [owner]);
    return { name, topicArn: null, digest: mailFor(input, { kind: 'owner', owner }) };
  });
  return [...ofRoutes, ...ofOwners];
}

/** How many owners get no mail of their own although the configuration asks for one. */
export const ownersWithoutMail = (
  input: DigestInput,
  { perOwner }: Pick<Config['digest'], 'perOwner'>,
): number => (perOwner ? Math.max(0, ownersWithNews(input).length - MOST_OWNERS) : 0);

function ownersWithNews({ run, late }: DigestInput): readonly string[] {
  const owners = new Set(ownerCounts(run).map(({ owner }) => owner));
  for (const owner of ownersOfGaps(run)) owners.add(owner);
  for (const result of run.clusters) {
    for (const finding of countedFindings(result)) if (isClosed(finding)) owners.add(finding.owner ?? null);
  }
  for (const { owner } of late?.rows ?? []) owners.add(owner ?? null);
  return [...owners].filter((owner) => owner !== null);
}

const nameOf = (kind: Audience['kind'], what: readonly string[]): string =>
  `sns-${kind}-${hash('sha256', JSON.stringify(what), 'hex').slice(0, 16)}`;

function mailFor(input: DigestInput, audience: Audience): Digest {
  const who =
    audience.kind === 'owner' ? audience.owner : `the namespaces ${listed(audience.namespaces, NAMES)}`;
  const lead = [
    ...paragraph(
      `This mail is about the workloads of ${quoted(who)} alone; numbers of pods are those of whole clusters.`,
    ),
    '',
    '',
  ].join('\n');
  const { subject, body, attributes } = digest({
    ...partOf(input, audience),
    maxBytes: PART_BYTES - Buffer.byteLength(lead),
  });
  return {
    subject: mailSubject(subject.replace(/^EKS audit/, `EKS audit for ${shortened(who, 40)}`)),
    body: `${lead}${body}`,
    attributes: {
      ...attributes,
      audience: audience.kind,
      ...(audience.kind === 'owner' ? { owners: [audience.owner] } : {}),
    },
  };
}
