import * as z from 'zod';
import { orAborted } from '../../or-aborted.ts';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { jsonRefusal } from './json-refusal.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { openSigned } from './signed-requests.ts';

/** A finding that Security Hub did not import. */
export interface FailedImport {
  readonly Id: string;
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/**
 * Imports findings into Security Hub of one account and region. The SDK's client is not used: it adds 217 kB to every
 * bundle for the one action that is called.
 */
export interface HubImports {
  /**
   * At most 100 findings in ASFF, with all attempts in 120 seconds. Needs `securityhub:BatchImportFindings`.
   * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
   * @returns those that were not imported; none where all were
   */
  importFindings(findings: readonly object[], signal?: AbortSignal): Promise<readonly FailedImport[]>;
  close(): void;
}

export type HubSettings = AwsSettings & { readonly credentials: CredentialsProvider };

/** As other operations have: see `bounded`. */
const OPERATION_MS = 120_000;

const ANSWER = z.object({
  FailedFindings: z
    .array(z.object({ Id: z.string(), ErrorCode: z.string(), ErrorMessage: z.string() }))
    .nullish(),
});

export function openHubImports(settings: HubSettings): HubImports {
  const requests = openSigned({
    service: 'securityhub',
    settings,
    endpoint: () => serviceEndpoint('securityhub', settings.region, settings.endpoint),
    contentType: 'application/json',
    refusal: jsonRefusal('Security Hub'),
  });
  return {
    async importFindings(findings, signal) {
      const deadline = AbortSignal.timeout(OPERATION_MS);
      const body = JSON.stringify({ Findings: findings });
      const { FailedFindings } = await orAborted(
        requests.post('/findings/import', body, (text) => ANSWER.parse(JSON.parse(text))),
        signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      );
      return FailedFindings ?? [];
    },
    close: () => requests.close(),
  };
}
