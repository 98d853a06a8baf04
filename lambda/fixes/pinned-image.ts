/** `sha256:…` behind the name of a repository; what is only the id of a configuration can be pulled by nobody. */
const RUNNING = /^(?:docker-pullable:\/\/)?(?<repository>[^@\s]+)@(?<digest>sha256:[0-9a-f]{64})$/;

/** A tag is what follows the last colon behind the last slash. */
const TAG = /:[\w][\w.-]{0,127}$/;

/**
 * The image reference that names what is running: the content does not change by it. `null` where the reference has a
 * digest already, and where the runtime names the image by another repository, from which it may not be to be had.
 *
 * @param image of the pod's spec
 * @param imageId of the pod's status
 */
export function pinnedImage(image: string, imageId: string): string | null {
  const { repository, digest } = RUNNING.exec(imageId)?.groups ?? {};
  if (repository === undefined || digest === undefined || image.includes('@') || /\s/.test(image))
    return null;
  const own = image.replace(TAG, '');
  return canonical(own) === canonical(repository) ? `${image}@${digest}` : null;
}

/**
 * Short names are those of Docker Hub: `nginx` is `docker.io/library/nginx`.
 * Source: https://github.com/distribution/reference (normalize.go, splitDockerDomain)
 */
function canonical(repository: string): string {
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  if (first === 'index.docker.io') return canonical(repository.slice(slash + 1));
  if (/[.:]/.test(first) || first === 'localhost') return repository;
  return `docker.io/${slash < 0 ? 'library/' : ''}${repository}`;
}
