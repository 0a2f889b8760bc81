/** The command that installs the native parts, as advice at the end of a message. */
export function howToInstall(flag = ''): string {
  const [inRepository, elsewhere] = flag ? [` -- ${flag}`, ` ${flag}`] : ['', '']
  return `Run \`npm run setup${inRepository}\` in this repository, \`npx metric-learning-backend install${elsewhere}\` elsewhere.`
}
