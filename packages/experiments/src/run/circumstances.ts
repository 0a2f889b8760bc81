import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { BackendInfo } from '@metric-learning/backend'

/** On what something was run. */
export interface Circumstances {
  readonly versions: Readonly<Record<string, string>>
  /** Commit of the code, with `+` where files were changed since; absent where it is no checkout, but installed. */
  readonly revision?: string
  readonly machine: string
  readonly command: string
}

/** @param command that it is begun by. Default: node, its program and its arguments */
export function circumstances(backend: BackendInfo, command = ['node', ...process.argv.slice(1)].join(' ')): Circumstances {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string) => (require(`${name}/package.json`) as { readonly version: string }).version
  const revision = revisionOf(fileURLToPath(new URL('.', import.meta.url)))
  const [processor] = cpus()
  return {
    versions: {
      'metric-learning': versionOf('@metric-learning/core'),
      'TensorFlow.js': versionOf('@tensorflow/tfjs-core'),
      backend: backend.description,
      'Node.js': process.versions.node,
    },
    ...(revision !== undefined && { revision }),
    machine: `${processor?.model.trim() ?? process.arch}, ${availableParallelism()} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
    command,
  }
}

/**
 * The revision of a package that git knows; not that of a project into which it was installed.
 *
 * @param folder of its code, two below the package
 */
export function revisionOf(folder: string): string | undefined {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    if (git('ls-files', '--', '../../package.json') === '') return undefined
    const commit = git('rev-parse', '--short=12', 'HEAD')
    return git('status', '--porcelain') === '' ? commit : `${commit}+`
  } catch {
    return undefined
  }
}
