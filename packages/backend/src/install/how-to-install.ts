import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The command that installs the native parts, as advice at the end of a message: in a checkout its set-up, in a project the command of
 * the package that it has.
 */
export function howToInstall(flag = ''): string {
  const isInstalled = fileURLToPath(import.meta.url).includes(`${sep}node_modules${sep}`)
  if (!isInstalled) return `Run \`npm run setup${flag ? ` -- ${flag}` : ''}\` in this repository.`
  return `Run \`npx ${hasCommandLine() ? 'metric-learning' : 'metric-learning-backend'} install${flag ? ` ${flag}` : ''}\`.`
}

/** Whether the project has the package `metric-learning`, whose command line has those of the backend in it. */
function hasCommandLine(): boolean {
  try {
    createRequire(join(process.cwd(), 'a-file')).resolve('metric-learning/package.json')
    return true
  } catch {
    return false
  }
}
