import { BackendError } from '@metric-learning/contracts'
import { runCommand } from './run-command.js'

const packages = 'python3 python3-pip g++'
const howToInstall =
  `Install what is missing (Debian, Ubuntu: \`sudo apt-get install ${packages}\`; ` +
  'Fedora: `sudo dnf install python3 python3-pip gcc-c++`) and run the set-up again.'

/**
 * The Python (3.8 or later, with pip) that fetches the wheels.
 *
 * @throws {BackendError} when there is none.
 */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  for (const python of ['python3', 'python']) {
    const version = await runCommand(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))'], { env })
    if (version.code !== 0) continue
    const pip = await runCommand(python, ['-m', 'pip', '--version'], { env })
    if (pip.code === 0) return python
    throw new BackendError({
      who: 'native set-up',
      wanted: 'pip, to fetch the TensorFlow library',
      got: `a \`${python}\` without it`,
      fix: howToInstall,
    })
  }
  throw new BackendError({
    who: 'native set-up',
    wanted: 'Python 3.8 or later with pip, to fetch the TensorFlow library',
    got: 'no `python3` on the PATH',
    fix: howToInstall,
  })
}

/**
 * The C++ compiler that builds the addon: `$CXX`, else g++, else clang++.
 *
 * @throws {BackendError} when there is none.
 */
export async function findCompiler(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const candidates = env.CXX ? [env.CXX] : ['g++', 'clang++']
  for (const compiler of candidates) {
    if ((await runCommand(compiler, ['--version'], { env })).code === 0) return compiler
  }
  throw new BackendError({
    who: 'native set-up',
    wanted: 'a C++ compiler, to build the addon',
    got: `no ${candidates.map((compiler) => `\`${compiler}\``).join(' and no ')} on the PATH`,
    fix: howToInstall,
  })
}
