import { containerTooOld } from './age/container-too-old.ts';
import { podTooOld } from './age/pod-too-old.ts';
import type { AnyCheck } from './check.ts';
import { egressHostNetwork } from './egress/egress-host-network.ts';
import { egressInsecurePort } from './egress/egress-insecure-port.ts';
import { egressInstanceMetadata } from './egress/egress-instance-metadata.ts';
import { egressPackageRegistry } from './egress/egress-package-registry.ts';
import { egressPolicyNotEnforced } from './egress/egress-policy-not-enforced.ts';
import { egressUnapproved } from './egress/egress-unapproved.ts';
import { egressUnrestricted } from './egress/egress-unrestricted.ts';
import { imageDigestDrifted } from './images/image-digest-drifted.ts';
import { imageScanStale } from './images/image-scan-stale.ts';
import { imageTagMutable } from './images/image-tag-mutable.ts';
import { imageTooOld } from './images/image-too-old.ts';
import { imageWithoutSbom } from './images/image-without-sbom.ts';
import { meshAllowsAny } from './mesh/mesh-allows-any.ts';
import { meshServiceEntryBroken } from './mesh/mesh-service-entry-broken.ts';
import { meshServiceEntryRisky } from './mesh/mesh-service-entry-risky.ts';
import { meshSidecarBypassed } from './mesh/mesh-sidecar-bypassed.ts';
import { runtimeLibraryUpdate } from './together/runtime-library-update.ts';
import { debugContainerAttached } from './writable-layer/debug-container-attached.ts';
import { unboundedEmptyDir } from './writable-layer/unbounded-empty-dir.ts';
import { writableHostPath } from './writable-layer/writable-host-path.ts';
import { writableLayerDrifted } from './writable-layer/writable-layer-drifted.ts';
import { writableRootFilesystem } from './writable-layer/writable-root-filesystem.ts';

/** All checks, in the order in which they are listed. */
export const CATALOGUE: readonly AnyCheck[] = [
  podTooOld,
  containerTooOld,
  imageTooOld,
  imageDigestDrifted,
  imageTagMutable,
  imageScanStale,
  imageWithoutSbom,
  writableRootFilesystem,
  writableLayerDrifted,
  writableHostPath,
  unboundedEmptyDir,
  debugContainerAttached,
  egressUnrestricted,
  egressInsecurePort,
  egressPackageRegistry,
  egressUnapproved,
  egressInstanceMetadata,
  egressPolicyNotEnforced,
  egressHostNetwork,
  meshAllowsAny,
  meshServiceEntryRisky,
  meshServiceEntryBroken,
  meshSidecarBypassed,
  runtimeLibraryUpdate,
];

export const CHECK_IDS: readonly string[] = CATALOGUE.map(({ id }) => id);
