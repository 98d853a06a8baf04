import type { Config } from '../config/config.ts';
import { registryLevel } from '../config/schema-images.ts';
import { type RegistryLevel, reaches } from '../inventory/images.ts';
import { REGISTRY_ACTIONS, type RegistryActionName } from '../registry/actions.ts';

/** The actions that a level of `images.registry` takes, with what each is for. */
const registryActions = (level: RegistryLevel): readonly (readonly [RegistryActionName, string])[] =>
  (Object.keys(REGISTRY_ACTIONS) as RegistryActionName[])
    .filter((action) => reaches(level, REGISTRY_ACTIONS[action].level))
    .map((action) => [action, REGISTRY_ACTIONS[action].what]);

/**
 * The statements of IAM that a level takes, as a policy has them.
 * @param partition such as `aws`
 */
export function registryStatements(level: RegistryLevel, partition: string): readonly object[] {
  const actions = registryActions(level).map(([action]) => action);
  const of = (scope: 'repository' | 'all'): readonly string[] =>
    actions.filter((action) => REGISTRY_ACTIONS[action].scope === scope);
  return [
    { Effect: 'Allow', Action: of('repository'), Resource: `arn:${partition}:ecr:*:*:repository/*` },
    { Effect: 'Allow', Action: of('all'), Resource: '*' },
  ];
}

/** What is said at deployment of a level that may pull images; `null` where none is asked for. */
export function registryWarning(images: Config['images']): string | null {
  const level = registryLevel(images, 'metadata');
  if (level === null || level === 'metadata') return null;
  const actions = registryActions(level).flatMap(([action]) =>
    'pulls' in REGISTRY_ACTIONS[action] ? action : [],
  );
  const may = level === 'sbom-collect' ? 'pull images' : 'read manifests of images';
  return `images.registry: ${level} grants ${actions.join(' and ')}: the roles of the auditor may ${may} in every repository of their accounts. images.registry: metadata describes images only.`;
}
