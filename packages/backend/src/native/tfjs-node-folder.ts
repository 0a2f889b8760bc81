import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { BackendError } from '@metric-learning/contracts'

const require = createRequire(import.meta.url)

/** Where `@tensorflow/tfjs-node-gpu` is installed; undefined when it is not: it is an optional dependency. */
export function tfjsNodeFolder(): string | undefined {
  try {
    return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
  } catch {
    return undefined
  }
}

/**
 * Where `@tensorflow/tfjs-node-gpu` is installed.
 *
 * @throws {BackendError} when it is not: npm leaves it out when its own install script fails.
 */
export function expectTfjsNode(who: string): string {
  const folder = tfjsNodeFolder()
  if (folder === undefined) {
    throw new BackendError({
      who,
      wanted: 'the npm package @tensorflow/tfjs-node-gpu',
      got: 'no such package',
      fix: 'Install again with `npm install --ignore-scripts`: its own install script, which fails, is not needed.',
    })
  }
  return folder
}
