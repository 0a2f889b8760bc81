import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { BackendInfo } from '@metric-learning/backend'

/** On what something was run. */
export interface Circumstances {
  readonly versions: Readonly<Record<string, string>>
  /** Commit of the code, with `+` where files were changed since; absent where there is no git. */
  readonly revision?: string
  readonly machine: string
  readonly command: string
}

export function circumstances(backend: BackendInfo): Circumstances {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string) => (require(`${name}/package.json`) as { readonly version: string }).version
  const revision = revisionOf(new URL('.', import.meta.url).pathname)
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
    command: ['metric-learning', ...process.argv.slice(2)].join(' '),
  }
}

function revisionOf(folder: string): string | undefined {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD')
    return git('status', '--porcelain') === '' ? commit : `${commit}+`
  } catch {
    return undefined
  }
}
