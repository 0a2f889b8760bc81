import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from './published-packages.js'
import { typedProgram } from './stranger.js'

/** As consumers resolve: NodeNext as Node does, and as bundlers do. */
const settings = {
  NodeNext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'bundler' },
} as const

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
 * @returns what it complains of, but for errors of tfjs itself: in its files, and where the WebGPU types that it brings meet those of
 * newer compilers
 */
export function typeErrors(project: string, compiler: string, resolution: keyof typeof settings): readonly string[] {
  writeFileSync(join(project, 'types.mts'), typedProgram(entries()))
  const compilerOptions = { ...settings[resolution], target: 'ES2022', lib: ['ES2022', 'DOM'], types: ['node'], strict: true, skipLibCheck: false, noEmit: true }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts'] }))
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', project, '--pretty', 'false'], { cwd: project, encoding: 'utf8', maxBuffer: 1e8 })
  return stdout.split('\n').filter((line) => /error TS/.test(line) && !/node_modules\/@(tensorflow|webgpu)\/|^[^ ]*lib\.dom\.d\.ts/.test(line))
}
