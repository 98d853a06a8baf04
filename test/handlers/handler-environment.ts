import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HUB } from '../support/aws-server.ts';

export interface HandlerEnvironment {
  /** The environment of a function, with its configuration; the process has its variables for AWS and for the log. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives the process back what it had. */
  close(): void;
}

/**
 * What a function finds in its environment. Handlers are to be imported after this: their log reads its level when it
 * is loaded.
 */
export function handlerEnvironment(
  configuration: string,
  { region, s3, aws }: { readonly region: string; readonly s3: string; readonly aws: string },
): HandlerEnvironment {
  const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-'));
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(config, configuration);
  const env = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: `AKIA${HUB}`,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: s3,
    AWS_ENDPOINT_URL_STS: aws,
    AWS_ENDPOINT_URL_EKS: aws,
    AWS_ENDPOINT_URL_EC2: aws,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);
  return {
    env: { ...env, REPORT_BUCKET: 'reports', CONFIG: config },
    close() {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
