import type { Described, Inventory, Outcome } from './stacks.ts';

/** Members that say when or how often something happened, or that a service invents. */
const VOLATILE =
  /(?:Date|Time|Timestamp|LastModified|RoleId|revisionId|VersionId|CreatedBy|LastModifiedBy)$/i;

/**
 * An inventory in which two deployments of the same template are alike: without times and invented ids, and without what
 * earlier operations left behind.
 */
export function comparable(inventory: Inventory, earlier: readonly Outcome[] = []): unknown {
  const left = new Set(
    earlier.flatMap(({ events }) => events.filter(isLeft).map(({ PhysicalResourceId: id }) => id)),
  );
  const keys = Object.entries(inventory['keys'] ?? {}).map(
    ([id, { Description }]) => [id, String(Description)] as const,
  );
  const renamed = (text: string): string =>
    keys
      .reduce((result, [id, description]) => result.replaceAll(id, description), text)
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
      .replace(/\bsg-[0-9a-f]{17}\b/g, 'sg-ID')
      .replace(/-[A-Z0-9]{12}(?![A-Za-z0-9])/g, '')
      .replace(/(eksdriftauditor-[a-z0-9]+)-[a-z0-9]{12}/g, '$1');
  const stable = (value: unknown): unknown => {
    if (typeof value === 'string') return renamed(value);
    if (Array.isArray(value)) return value.map(stable);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !VOLATILE.test(name))
        .map(([name, inner]) => [renamed(name), stable(inner)]),
    );
  };
  return stable(withoutThose(inventory, left));
}

const isLeft = ({ ResourceStatus }: { readonly ResourceStatus: string }): boolean =>
  ResourceStatus === 'DELETE_SKIPPED';

const withoutThose = (inventory: Inventory, names: ReadonlySet<string>): Inventory =>
  Object.fromEntries(
    Object.entries(inventory).map(([kind, ofKind]) => [
      kind,
      Object.fromEntries(Object.entries<Described>(ofKind).filter(([name]) => !names.has(name))),
    ]),
  );
