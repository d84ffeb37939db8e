/**
 * Where a second of a load belongs: to the warm-up, at least in part; to what is measured; or, at least in part, to the rest of it, in
 * which the last replies are waited for.
 */
export type SecondOf = 'warmUp' | 'measured' | 'rest'
