import { ReadError } from '../../errors.ts';

/** What a registry refused, for the sentence. */
export interface Refused {
  /** As image references name it. */
  readonly host: string;
  readonly repository: string;
  /** Whether it was given one. */
  readonly withLogin: boolean;
}

const LOGIN = 'Give images.registries[].secretArn a secret with a username and a password that may pull it.';

/** Why an answer of a registry, or of where it gives its tokens, is none. */
export function refused(asked: Refused, status: number): ReadError {
  const { host, repository } = asked;
  const what = `the repository ${host}/${repository}`;
  if (status === 401) return wantsLogin(asked, `HTTP status ${status}`);
  if (status === 403) return new ReadError('forbidden', `The registry denies pulling ${what}.`, LOGIN);
  if (status === 429) return askedTooOften(host);
  return new ReadError(
    'server-error',
    `The registry answered with HTTP status ${status} for ${what}.`,
    'Run again later.',
  );
}

/** It does not know who asks. */
export const wantsLogin = ({ host, repository, withLogin }: Refused, why: string): ReadError =>
  new ReadError(
    'unauthorized',
    withLogin
      ? `The registry did not accept the login for the repository ${host}/${repository} (${why}).`
      : `The registry wants a login for the repository ${host}/${repository} (${why}), and the configuration gives none.`,
    LOGIN,
  );

/** It asks for a login that it does not get. */
export const unusableLogin = (host: string, why: string): ReadError =>
  new ReadError(
    'unauthorized',
    `The registry ${host} asks for a login ${why}, which is not given to it.`,
    `Copy its images to a registry with another login, such as ECR, or take ${host} out of images.registries.`,
  );

/** A registry that hides what the caller may not see answers as if it were not there. */
export const shownNeither = ({ host, repository }: Omit<Refused, 'withLogin'>, tag: string): ReadError =>
  new ReadError(
    'not-in-registry',
    `The registry ${host} shows neither the tag ${tag} of ${repository} nor the image that runs: both are gone, or it hides the repository.`,
    `Look whether the repository exists. If it does: ${LOGIN.charAt(0).toLowerCase()}${LOGIN.slice(1)}`,
  );

/** It asks to be left alone. */
export class AskedTooOften extends ReadError {}

const askedTooOften = (host: string): ReadError =>
  new AskedTooOften(
    'server-error',
    `The registry ${host} was asked too often (HTTP status 429); nothing more was asked of it about the images of this cluster.`,
    'Give it a login (images.registries[].secretArn), or lower requestsPerRun.',
  );

/** What is said of later questions when several in a row had no answer. */
export const isSilent = ({ reason, message, remedy }: ReadError): ReadError =>
  new ReadError(
    reason,
    `${message} As it was silent several times, nothing more was asked of it about the images of this cluster.`,
    remedy,
  );
