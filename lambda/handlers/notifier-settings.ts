import type { Config } from '../config/config.ts';
import type { ReportStore } from '../store/store.ts';
import type { Environment } from './environment.ts';

export interface NotifierSettings {
  readonly environment: Environment;
  readonly config: Config;
  /** Where it is kept what was sent before. */
  readonly store: ReportStore;
  readonly traced: <Client>(client: Client) => Client;
  /** Takes what ends the requests that are under way when the invocation ends. */
  readonly onClose: (close: () => void) => void;
}

/** The region in an ARN; `undefined` for a mere name. */
export const regionOf = (arn: string): string | undefined => arn.split(':')[3];
