import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runProcess } from '@metric-learning/peer'
import { publishedPackages, root, type PublishedPackage } from './published-packages.js'

/** A package as it would be published. */
export interface PackedPackage extends PublishedPackage {
  /** The file. */
  readonly tarball: string
  /** The files in it. */
  readonly files: readonly string[]
  /** Bytes. */
  readonly size: number
}

interface NpmPacked {
  readonly name: string
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/** Builds everything and packs all that is published into a folder, as `npm publish` would. */
export async function packPackages(folder: string): Promise<readonly PackedPackage[]> {
  const published = publishedPackages()
  await runProcess(process.execPath, [join(root, 'tools/vendor-tfjs-node.mjs')])
  await runProcess(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--build', ...published.map((one) => `${one.folder}/tsconfig.lib.json`)], { cwd: root })
  mkdirSync(folder, { recursive: true })
  // What is published is built above, once; `prepack` would do it for one package after the other.
  const json = await runProcess('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...published.flatMap((one) => ['-w', one.folder])], { cwd: root })
  const said = JSON.parse(json) as readonly NpmPacked[] | Readonly<Record<string, NpmPacked>>
  const packed = new Map(Object.values(said).map((one) => [one.name, one]))
  return published.map((one) => {
    const { filename, size, files } = packed.get(one.manifest.name)!
    return { ...one, tarball: join(folder, filename.replace(/^@/, '').replaceAll('/', '-')), size, files: files.map(({ path }) => path) }
  })
}
