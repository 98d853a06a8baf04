/** Commands of kubectl, its plugins and istioctl, at the start of a line or behind `;` and `|`. */
const CALL = /(?<=^|[;|] )(?:kubectl argo rollouts restart|kubectl(?! argo)|istioctl)(?= )/g;

/** A command for one cluster. Plugins of kubectl take flags only behind their name. */
export const inCluster = (command: string, flags: string): string =>
  flags === '' ? command : command.replaceAll(CALL, (call) => `${call}${flags}`);
