/** The oldest Node that these packages take: `engines` in package.json. */
const OLDEST = [20, 19] as const

/**
 * What a command line says in place of all else on a Node that is too old for what it would load, which would end in an error of syntax; `undefined` on
 * one that will do.
 *
 * @param who the command
 * @param version that of Node. Default: of this one.
 */
export function nodeComplaint(who: string, version = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `${who}: wanted Node ${OLDEST.join('.')} or newer, got ${version}. Install one from nodejs.org, or by your version manager.`
}
