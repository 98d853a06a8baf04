import type { Config, Limits } from './config.ts';
import { type Parsed, parseDuration, parseSize } from './units.ts';

export const PRESETS = ['baseline', 'strict'] as const;
export type Preset = (typeof PRESETS)[number];

type LimitTexts = Readonly<Record<keyof Limits, string>>;

/**
 * The limits of each preset, as they would be written in a file; docs/decisions/0004 gives the reasons.
 *
 * - A month for pods and containers: PCI DSS 4.0.1, 6.3.3 wants patches for critical vulnerabilities
 *   installed within one month of release (https://withpci.com/requirements/6/6.3/6.3.3.html).
 * - 24 hours: BSI IT-Grundschutz-Kompendium 2023, APP.4.4.A21 (H), "Kein Pod SOLLTE länger als 24 Stunden laufen".
 * - 14 days between scans: CISA BOD 23-01, vulnerability enumeration every 14 days
 *   (https://www.cisa.gov/news-events/directives/bod-23-01-improving-asset-visibility-and-vulnerability-detection-federal-networks).
 */
export const PRESET_LIMITS: Readonly<Record<Preset, LimitTexts>> = {
  baseline: {
    podMaxAge: '30d',
    containerMaxAge: '30d',
    imageMaxAge: '90d',
    writableLayerMaxBytes: '10Mi',
    scanMaxAge: '30d',
  },
  strict: {
    podMaxAge: '24h',
    containerMaxAge: '24h',
    imageMaxAge: '30d',
    writableLayerMaxBytes: '1Mi',
    scanMaxAge: '14d',
  },
};

/** FTP, SSH, Telnet and plain HTTP: plaintext or remote shell. */
export const INSECURE_PORTS: readonly number[] = [21, 22, 23, 80];

export const DIGEST = { minSeverity: 'medium', top: 10 } as const;

/** The role that the member stack creates. */
export const MEMBER_ROLE = 'EksDriftAuditorMember';

/** The configuration of an empty file with this preset. */
export function defaultConfig(preset: Preset = 'baseline'): Config {
  return {
    preset,
    clusters: { include: ['*'], exclude: [], includeTags: {}, excludeTags: {}, shards: [] },
    namespaces: { exclude: [] },
    accounts: [],
    limits: presetLimits(PRESET_LIMITS[preset]),
    overrides: [],
    checks: {},
    egress: {
      approved: [],
      insecurePorts: INSECURE_PORTS,
      packageRegistries: { hosts: [], cidrs: [] },
      routing: 'read',
    },
    measure: { writableLayer: 'off' },
    exemptions: [],
    exemptionAnnotations: false,
    digest: DIGEST,
  };
}

function presetLimits(texts: LimitTexts): Limits {
  return {
    podMaxAge: known(parseDuration(texts.podMaxAge)),
    containerMaxAge: known(parseDuration(texts.containerMaxAge)),
    imageMaxAge: known(parseDuration(texts.imageMaxAge)),
    writableLayerMaxBytes: known(parseSize(texts.writableLayerMaxBytes)),
    scanMaxAge: known(parseDuration(texts.scanMaxAge)),
  };
}

function known(parsed: Parsed): number {
  if (!parsed.ok) throw new Error(`A preset holds a limit that ${parsed.problem}.`);
  return parsed.value;
}
