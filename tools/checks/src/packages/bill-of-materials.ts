import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { runProcess } from '@metric-learning/peer'
import type { PackedPackage } from './pack-packages.js'

interface Component {
  readonly name: string
  readonly hashes?: readonly object[]
  readonly externalReferences: readonly { readonly type: string }[]
}

interface Bill {
  readonly components: readonly Component[]
}

/**
 * The bill of materials of packages as they would be published, in CycloneDX: they, and all that installs with them at its newest. It is npm's, of a
 * project that asks for them: of the workspace itself npm lists examples and benchmarks, and leaves out what any package asks for in development, tfjs
 * among it.
 *
 * @param folder where that project is made
 * @throws {DataError} when a package is missing, or something has no hash.
 */
export async function billOfMaterials(packed: readonly PackedPackage[], folder: string): Promise<string> {
  const project = join(folder, 'metric-learning-release')
  mkdirSync(project, { recursive: true })
  const dependencies = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'metric-learning-release', version: packed[0]!.manifest.version, license: 'MIT', private: true, dependencies }))
  await runProcess('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: project })
  const bill = JSON.parse(await runProcess('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], { cwd: project })) as Bill
  const names = bill.components.map(({ name }) => name)
  const missing = [...Object.keys(dependencies), '@tensorflow/tfjs-core'].filter((name) => !names.includes(name))
  const unhashed = bill.components.filter(({ hashes = [] }) => hashes.length === 0).map(({ name }) => name)
  if (missing.length > 0 || unhashed.length > 0) {
    throw new DataError({ who: 'bill of materials', wanted: 'each package, with a hash of each', got: `none of ${missing.join(', ') || unhashed.join(', ')}`, fix: 'Look at what `npm sbom` says of them.' })
  }
  // Ours are in a folder of this machine.
  const components = bill.components.map((one) => (one.name in dependencies ? { ...one, externalReferences: one.externalReferences.filter(({ type }) => type !== 'distribution') } : one))
  return `${JSON.stringify({ ...bill, components }, undefined, 2)}\n`
}
