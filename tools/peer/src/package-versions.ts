import { BackendError } from '@metric-learning/contracts'
import { runForJson } from './run-for-json.js'
import { ProcessError } from './run-process.js'

const program = `
import importlib.metadata, json, sys
versions = {}
for name in sys.argv[1:]:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(versions))
`

/**
 * The versions of packages that a Python has, by name.
 *
 * @throws {BackendError} when it lacks one, or is no Python.
 */
export async function packageVersions(python: string, names: readonly string[]): Promise<Record<string, string>> {
  const versions = await runForJson<Record<string, string>>(python, ['-c', program, ...names]).catch((error: unknown) => {
    if (error instanceof ProcessError) return undefined
    throw error
  })
  const missing = names.filter((name) => versions?.[name] === undefined)
  if (versions && missing.length === 0) return versions
  throw new BackendError({
    who: 'Comparison with Python',
    wanted: `a Python with ${names.join(', ')}`,
    got: versions ? `${python} without ${missing.join(', ')}` : `${python}, which does not run`,
    fix: 'Install what is missing, or leave `--python` out to have an environment made.',
  })
}
