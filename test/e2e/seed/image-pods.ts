import type { ApiClient } from '../environment/api-client.ts';
import { LINUX_NODE } from './nodes.ts';
import { careless, pod } from './pods.ts';
import { seed } from './seed.ts';

/** An image that a pod runs, as its spec names it and as its node reports it. */
export interface RunningImage {
  readonly image: string;
  readonly imageId: string;
}

export const IMAGES_NAMESPACE = 'images';

/** Adds a pod for each image, in a namespace of their own, with one container named `app`. */
export async function seedImagePods(
  api: ApiClient,
  images: ReadonlyMap<string, RunningImage>,
  now: Date,
): Promise<void> {
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: IMAGES_NAMESPACE } });
  const plans = [...images].map(([name, { image, imageId }]) =>
    pod(
      {
        namespace: IMAGES_NAMESPACE,
        name,
        node: LINUX_NODE,
        spec: { containers: [careless('app', image)] },
        ageHours: 48,
        imageIds: { app: imageId },
      },
      now,
    ),
  );
  await Promise.all(plans.map((plan) => seed(api, plan)));
}
