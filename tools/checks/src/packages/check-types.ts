import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProcess } from '@metric-learning/peer'
import { publishedPackages } from './published-packages.js'
import { typedProgram } from './stranger.js'

/** As consumers resolve: NodeNext as Node does, and as bundlers do. */
const settings = {
  NodeNext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'bundler' },
} as const

/** `tsc` of the oldest TypeScript that the types are for, installed into a folder. */
export async function oldestCompiler(folder: string, registry: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  await runProcess('npm', ['install', 'typescript@~5.0.4', '--registry', registry], { cwd: folder })
  return join(folder, 'node_modules/typescript/bin/tsc')
}

/** Entries of all packages that the one package brings. */
function entries(): readonly string[] {
  const published = publishedPackages()
  const { dependencies = {} } = published.find(({ manifest }) => manifest.name === 'metric-learning')!.manifest
  return published
    .filter(({ manifest }) => manifest.name === 'metric-learning' || manifest.name in dependencies)
    .flatMap(({ manifest }) => Object.keys(manifest.exports ?? {}).filter((path) => path !== './package.json').map((path) => join(manifest.name, path)))
}

/**
 * Compiles, in a project that has `metric-learning`, a program that imports every entry of every package, without `skipLibCheck`.
 *
 * @param compiler TypeScript's `tsc`
 * @returns what it complains of, but for errors of others: of tfjs, in its files, and where the WebGPU types that it brings meet those of
 * newer compilers; of the newest types of Node, which want a newer compiler than the oldest
 */
export function typeErrors(project: string, compiler: string, resolution: keyof typeof settings): readonly string[] {
  writeFileSync(join(project, 'types.mts'), typedProgram(entries()))
  const compilerOptions = { ...settings[resolution], target: 'ES2022', lib: ['ES2022', 'DOM'], types: ['node'], strict: true, skipLibCheck: false, noEmit: true }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts'] }))
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', project, '--pretty', 'false'], { cwd: project, encoding: 'utf8', maxBuffer: 1e8 })
  return stdout.split('\n').filter((line) => /error TS/.test(line) && !/node_modules\/@(tensorflow|webgpu|types\/node)\/|^[^ ]*lib\.dom\.d\.ts/.test(line))
}
