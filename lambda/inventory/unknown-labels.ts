/**
 * Labels that a controller adds to pods and a template does not have. They stand in for the value, which no label
 * can have: values hold no NUL.
 */

/** The label is there, with a value that is not known. */
export const SOME_VALUE = '\0some';
/** The label may be there. */
export const PERHAPS = '\0perhaps';

export const isUnknownValue = (value: string | undefined): boolean =>
  value === SOME_VALUE || value === PERHAPS;
