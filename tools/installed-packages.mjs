import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const lockFile = `${root}package-lock.json`
const record = `${root}node_modules/.package-lock.json` // written by npm as the last act of an install
const stamp = `${root}node_modules/.installed` // ours: the hash of the lock file that was installed

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages
const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex')

/** Notes that node_modules is what package-lock.json asks for. */
export function markInstalled() {
  writeFileSync(stamp, lockHash())
}

/**
 * Whether node_modules is what package-lock.json asks for: by our own note, or, after an `npm install` by hand, by
 * npm's record. An interrupted install leaves neither.
 */
export function packagesAreInstalled() {
  if (!existsSync(record)) return false
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true
  const installed = packagesOf(record)
  return Object.entries(packagesOf(lockFile))
    .filter(([path, { optional, devOptional, peer }]) => path.includes('node_modules/') && !optional && !devOptional && !peer)
    .every(([path, { version, link }]) => installed[path] && (link || installed[path].version === version))
}

/** The oldest Node that works, as in the `engines` of package.json; undefined when the one that runs is recent enough. */
export function neededNode() {
  const [, wanted] = /(\d+\.\d+)/.exec(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).engines.node)
  const [major, minor] = wanted.split('.').map(Number)
  const [runsMajor, runsMinor] = process.versions.node.split('.').map(Number)
  return runsMajor > major || (runsMajor === major && runsMinor >= minor) ? undefined : wanted
}
