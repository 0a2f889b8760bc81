import util from 'node:util'

/**
 * Puts in place the two predicates of `node:util` that tfjs-node 4.22 calls, with the meaning they always had: Node 23
 * removed them (tensorflow/tfjs#8609), Node 22 warns of each on standard error.
 */
export function restoreLegacyUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  })
}
