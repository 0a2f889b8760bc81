import util from 'node:util'

/**
 * Gives `node:util` back the predicates that Node 23 removed and tfjs-node 4.22 still calls
 * (tensorflow/tfjs#8609), with the meaning they had. Nothing that exists is replaced.
 */
export function restoreLegacyUtil(): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  }
  for (const [name, predicate] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: predicate, configurable: true, writable: true })
  }
}
