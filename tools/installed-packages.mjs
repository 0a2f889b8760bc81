import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const packagesOf = (file) => JSON.parse(readFileSync(`${root}${file}`, 'utf8')).packages

/**
 * Whether node_modules holds what package-lock.json asks for. npm leaves a record there as the last act of an
 * install, so an interrupted one counts as missing.
 */
export function packagesAreInstalled() {
  const record = 'node_modules/.package-lock.json'
  if (!existsSync(`${root}${record}`)) return false
  const installed = packagesOf(record)
  return Object.entries(packagesOf('package-lock.json'))
    .filter(([path, { optional, peer }]) => path.includes('node_modules/') && !optional && !peer)
    .every(([path, { version, link }]) => installed[path] && (link || installed[path].version === version))
}

/** The oldest Node that works, as in the `engines` of package.json; undefined when the one that runs is recent enough. */
export function neededNode() {
  const [, wanted] = /(\d+\.\d+)/.exec(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).engines.node)
  const [major, minor] = wanted.split('.').map(Number)
  const [runsMajor, runsMinor] = process.versions.node.split('.').map(Number)
  return runsMajor > major || (runsMajor === major && runsMinor >= minor) ? undefined : wanted
}
