/** Does a piece of work and measures it under a name. */
export type Trace = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export const untraced: Trace = (_name, work) => work();
