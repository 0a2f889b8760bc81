import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { PackedPackage } from './pack-packages.js'

/**
 * What is wrong with a package as it would be published, in lines: by publint, by "Are the types wrong?" (as for all who can import it:
 * these packages are ES modules alone, and Node 20.19 takes them by `require` as well), and by what has to be, and must not be, in it.
 */
export async function lookAtTarball({ tarball, manifest, files }: PackedPackage): Promise<readonly string[]> {
  const data = new Uint8Array(readFileSync(tarball))
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true })
  const types = await checkPackage(createPackageFromTarballData(data))
  const wrongTypes = types.types === false ? ['no types'] : types.problems.filter((problem) => !isOfRequire(problem)).map((problem) => `types: ${problem.kind} ${JSON.stringify(problem)}`)
  const has = (path: string) => files.includes(path)
  return [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`),
    ...wrongTypes,
    ...['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'].filter((path) => !has(path)).map((path) => `no ${path}`),
    ...files.filter((path) => !path.startsWith('templates/') && /\.(test|fixture)\.|tsbuildinfo|^node_modules|\.env/.test(path)).map((path) => `${path}, which is of no use to those who install it`),
  ].map((line) => `${manifest.name}: ${line}`)
}

/** Whether a problem is one of those who resolve as Node 10 did, which knows no `exports`, or by `require` before Node 20.19. */
function isOfRequire(problem: object): boolean {
  const { resolutionKind, kind } = problem as { resolutionKind?: string; kind: string }
  return resolutionKind === 'node10' || resolutionKind === 'node16-cjs' || kind === 'CJSResolvesToESM'
}
