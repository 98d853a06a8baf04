import type { PodRecord } from '../../../inventory/pod.ts';
import type { SpecTemplate } from './template.ts';

type Owner = NonNullable<PodRecord['owner']>;

/** The templates of controllers, by the object that replicas share. */
export interface TemplatesByOwner {
  of(owner: Owner): SpecTemplate[];
}

/** Lists come ordered by name, so replicas follow each other and old entries are hardly missed. */
const MAX_OWNERS = 256;

export function createTemplates(): TemplatesByOwner {
  const known = new Map<Owner, SpecTemplate[]>();
  let last: { readonly owner: Owner; readonly templates: SpecTemplate[] } | null = null;
  return {
    of(owner) {
      if (last?.owner === owner) return last.templates;
      let templates = known.get(owner);
      if (templates === undefined) {
        if (known.size >= MAX_OWNERS) forgetOldest(known);
        templates = [];
        known.set(owner, templates);
      }
      last = { owner, templates };
      return templates;
    },
  };
}

function forgetOldest(known: Map<Owner, SpecTemplate[]>): void {
  for (const owner of known.keys()) {
    known.delete(owner);
    return;
  }
}
