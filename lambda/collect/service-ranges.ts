import { EKS_SERVICE_RANGES } from '../inventory/service-ranges.ts';
import { type Fields, optionalObject } from './fields.ts';
import { nameOf } from './read-object.ts';

/** Objects that tell from which blocks Services have their addresses. */
export const isAboutServices = (apiVersion: string, kind: string): boolean =>
  (kind === 'Service' && apiVersion === 'v1') ||
  (kind === 'ServiceCIDR' && apiVersion.startsWith('networking.k8s.io/'));

/**
 * The blocks that such an object tells. A ServiceCIDR has them. The Service of the API server has the first
 * address of its block, and of the blocks that EKS gives by itself the one that begins there is meant.
 *
 * @throws MalformedObject
 */
export function serviceRangesOf(kind: string, object: Fields): readonly string[] {
  const spec = optionalObject(object['spec'], 'spec');
  if (kind === 'ServiceCIDR') return textsOf(spec?.['cidrs']);
  const { namespace, name } = nameOf(object, kind);
  const isApiServer = namespace === 'default' && name === 'kubernetes';
  return isApiServer ? EKS_SERVICE_RANGES.filter((block) => spec?.['clusterIP'] === firstHostOf(block)) : [];
}

const firstHostOf = (block: string): string => block.replace(/\.0\/\d+$/, '.1');

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
