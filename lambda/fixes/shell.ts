/** What a shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** One word of a command of a POSIX shell, whatever it holds. */
export const shellWord = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Names that the API server gives to no object, which only files can hold, are in no command: `IsDNS1123Subdomain`,
 * k8s.io/apimachinery/pkg/util/validation.
 */
export const isObjectName = (name: string): boolean =>
  name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
