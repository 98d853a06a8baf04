import * as z from 'zod';
import { ReadError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { jsonLine } from '../report/rows.ts';
import { SEVERITIES } from '../severity.ts';
import { gunzipLines, gzipLines } from './gzip.ts';
import { HUB_LEDGER_FOLDER, type HubPlaceKey, hubLedgerKey, placeOfHubLedger } from './layout.ts';
import type { ReportStore } from './store.ts';

type Imported = Pick<
  Finding,
  'id' | 'check' | 'severity' | 'cluster' | 'workload' | 'container' | 'firstSeen' | 'lastSeen'
>;

const text = z.string();
const ROW = z.object({
  id: text,
  check: text,
  severity: z.enum(SEVERITIES),
  cluster: z.looseObject({
    name: text,
    arn: text.nullable(),
    accountId: text.nullable(),
    region: text.nullable(),
  }),
  workload: z.object({ namespace: text, kind: text, name: text }),
  container: text.nullable(),
  firstSeen: text,
  lastSeen: text,
});

/** Keeps in a store what Security Hub holds as active: an object an account and region, a line a finding. */
export function storedHubLedger(store: ReportStore) {
  return {
    async places(): Promise<readonly HubPlaceKey[]> {
      const places: HubPlaceKey[] = [];
      for await (const key of store.list(HUB_LEDGER_FOLDER)) {
        const place = placeOfHubLedger(key);
        if (place !== null) places.push(place);
      }
      return places;
    },

    async read(place: HubPlaceKey) {
      const key = hubLedgerKey(place);
      const stored = await store.getVersioned(key);
      if (stored === null) return { findings: [], version: null };
      const findings: Imported[] = [];
      try {
        for await (const line of gunzipLines(stored.bytes))
          findings.push(ROW.parse(JSON.parse(line)) as Imported);
      } catch (error) {
        throw new ReadError(
          'malformed-object',
          `The list of imported findings in ${store.location(key)} cannot be read.`,
          'Restore an earlier version of the object, or delete it: findings that are no longer reported then stay active for up to 90 days.',
          error,
        );
      }
      return { findings, version: stored.version };
    },

    async replace(
      place: HubPlaceKey,
      { findings, version }: { readonly findings: readonly Imported[]; readonly version: string | null },
    ): Promise<boolean> {
      if (findings.length === 0 && version === null) return true;
      const lines = findings.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((one) => `${jsonLine(one)}\n`);
      const written = await store.putIf(hubLedgerKey(place), [Buffer.concat([...gzipLines(lines)])], {
        contentType: 'application/gzip',
        expected: version,
      });
      return written !== null;
    },
  };
}
