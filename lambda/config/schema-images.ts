import { REGISTRY_LEVELS, type RegistryLevel } from '../inventory/images.ts';
import * as field from './fields.ts';
import * as aws from './fields-aws.ts';

const LEVELS = `off, ${REGISTRY_LEVELS.slice(0, -1).join(', ')} or ${REGISTRY_LEVELS.at(-1)}`;

/** `images:`: what is asked of the registries from which images come. */
export const images = () =>
  field.mapping(
    {
      registry: field.oneOfOrOff(REGISTRY_LEVELS, LEVELS).nullable().prefault(null).meta({
        description:
          'How much is asked of registries: off; metadata: when images were pushed, what tags point at, whether these can be overwritten, and scans; sbom-presence: also where SBOMs are, which takes the right to pull manifests; sbom-collect: also their documents and the user of images, which takes the right to pull images. Left out, it is metadata for what cdk deploy creates, and off on the command line.',
      }),
      scans: field.oneOfOrOff(['auto'], 'auto or off').prefault('auto').meta({
        description: 'Whether scans are asked for: auto: of ECR, or of Inspector where it scans; off.',
      }),
      registries: field.listSection(
        field.listOf(registry(), 'a list such as [{ host: ghcr.io }]').superRefine((entries, context) => {
          entries.forEach(({ host }, i) => {
            const twice = entries.findIndex((other) => other.host === host) !== i;
            const message = twice ? `"${host}" is listed twice.` : neverAsked(host);
            if (message !== null) context.addIssue({ code: 'custom', message, path: [i, 'host'] });
          });
        }),
        'Registries other than ECR that may be asked.',
      ),
    },
    'a mapping such as { registry: metadata }',
  );

/** Why no image would be asked about at this host; `null`: some may be. */
function neverAsked(host: string): string | null {
  if (host === 'index.docker.io') return 'is Docker Hub by another name; write docker.io.';
  if (/^\d{12}\.dkr[.-]ecr/.test(host))
    return 'is a registry of ECR, which is asked without being listed; leave it out.';
  return null;
}

const registry = () =>
  field.mapping(
    {
      host: field.registryHost().meta({
        description: 'As image references name it, such as ghcr.io; docker.io is Docker Hub.',
      }),
      secretArn: field.orNull(aws.secretArn()).meta({
        description:
          'ARN of a secret in Secrets Manager: JSON with username and password. Left out, it is asked anonymously. Pull secrets of clusters are never read.',
      }),
      requestsPerRun: field.wholeNumber(1, 10_000).default(500).meta({
        description: 'The most requests that the audit of one cluster sends to it.',
      }),
    },
    'a mapping such as { host: ghcr.io }',
  );

/**
 * How much of registries is read: what the configuration says, else what is usual where it runs.
 * @param otherwise `metadata` for what is deployed, whose role may describe images, and `off` for a person's own credentials
 */
export const registryLevel = (
  { registry }: { readonly registry: RegistryLevel | 'off' | null },
  otherwise: 'metadata' | 'off',
): RegistryLevel | null => {
  const level = registry ?? otherwise;
  return level === 'off' ? null : level;
};
