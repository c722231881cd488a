// What every section of the configuration file is read with.

/** Tells of something wrong at a member of the file, by its path from the top. */
export type Complain = (path: readonly PropertyKey[], message: string) => void;
