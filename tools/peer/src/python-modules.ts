import { BackendError } from '@metric-learning/contracts'
import { runForJson } from './run-for-json.js'
import { ProcessError } from './run-process.js'

const program = `
import importlib.util, json, sys
print(json.dumps([name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]))
`

/**
 * Looks whether a Python can import some modules, whatever packages they come from: faiss is in several.
 *
 * @throws {BackendError} when it lacks one, or is no Python.
 */
export async function expectModules(python: string, modules: readonly string[]): Promise<void> {
  const missing = await runForJson<string[]>(python, ['-c', program, ...modules]).catch((error: unknown) => {
    if (error instanceof ProcessError) return undefined
    throw error
  })
  if (missing?.length === 0) return
  throw new BackendError({
    who: 'Comparison with Python',
    wanted: `a Python with ${modules.join(', ')}`,
    got: missing ? `${python} without ${missing.join(', ')}` : `${python}, which does not run`,
    fix: 'Install what is missing, or leave `--python` out to have an environment made.',
  })
}
