/** What containers of the sample wrote into their layers; all others have what an idle one has. */
export interface Written {
  readonly namespace: string;
  /** What the name of the pod begins with. */
  readonly pods: string;
  readonly container: string;
  /** By the order of the pods' names; the last one is for all that follow. */
  readonly layers: readonly Layer[];
}

/** `null`: the runtime does not know, since files vanish while it counts. */
export type Layer = { readonly bytes: number; readonly inodes: number } | null;

const MIB = 1024 ** 2;
const layer = (mebibytes: number, inodes: number): Layer => ({
  bytes: Math.round((mebibytes * MIB) / 4096) * 4096,
  inodes,
});

/** Bigger than what an idle container has, and what most programs leave behind. */
const LEFT_BEHIND = layer(0.3, 14);

export const WRITTEN: readonly Written[] = [
  // Somebody installed a tool into one replica, and its libraries with it.
  {
    namespace: 'storefront',
    pods: 'search-',
    container: 'indexer',
    layers: [layer(48, 1912), LEFT_BEHIND],
  },
  // A vendor who patches in place, week by week.
  {
    namespace: 'legacy',
    pods: 'erp-monolith-',
    container: 'erp',
    layers: [layer(186, 2934), layer(22, 410)],
  },
  // It turns its logs over all the time.
  { namespace: 'legacy', pods: 'tomcat-reports-', container: 'tomcat', layers: [null] },
  // What its user installed.
  { namespace: 'notebooks', pods: 'jupyter-alice', container: 'notebook', layers: [layer(212, 14_310)] },
  // Below every limit.
  { namespace: 'bi', pods: 'metabase-', container: 'metabase', layers: [layer(2.4, 37)] },
];

/** A week ago. */
export const WRITTEN_LAST_WEEK: readonly Written[] = [
  {
    namespace: 'legacy',
    pods: 'erp-monolith-',
    container: 'erp',
    layers: [layer(155, 2518), layer(22, 409)],
  },
  { namespace: 'notebooks', pods: 'jupyter-alice', container: 'notebook', layers: [layer(8.9, 611)] },
];
