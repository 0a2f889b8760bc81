import { existsSync, watch } from 'node:fs'
import { build, createServer } from 'vitepress'
import { writeApi } from './api.js'
import { root } from './root.js'
import { clearStage, deadLinksOf, siteOfCheckout, stage, stagedPages } from './stage.js'

const usage = `Usage: npm run docs            serves the documentation while it is written, and follows changes
       npm run docs:build      builds it into dist/docs-site/site; fails where a link leads nowhere
       npm run check:docs      the same

Neither asks for anything on the network. The API is read from the sources, which takes a while; while it is written, that is done once.`

const siteFolder = `${root}tools/docs-site`
const [command, ...rest] = process.argv.slice(2)
if (rest.includes('--help') || rest.includes('-h')) console.log(usage)
else if (rest.length > 0 || (command !== 'dev' && command !== 'build')) {
  console.error(`docs: unknown argument ${rest[0] ?? command ?? ''}\n\n${usage}`)
  process.exitCode = 1
} else if (command === 'dev') await serve()
else await write()

/** Lays all out, and builds the site. */
async function write(): Promise<void> {
  const deadLinks = deadLinksOf(siteOfCheckout())
  if (deadLinks.length > 0) {
    console.error(`Links that lead nowhere:\n${deadLinks.join('\n')}`)
    process.exitCode = 1
    return
  }
  clearStage()
  stage()
  await writeApi()
  await build(siteFolder)
  console.log('dist/docs-site/site')
}

/** Serves the pages, and lays those out again that change. */
async function serve(): Promise<void> {
  stage()
  if (!existsSync(`${stagedPages}api`)) await writeApi()
  const server = await createServer(siteFolder)
  await server.listen()
  server.printUrls()
  for (const folder of ['docs', 'packages', 'plugins', 'examples']) {
    watch(root + folder, { recursive: true }, (_, file) => {
      if (file?.endsWith('.md') && !file.includes('node_modules')) stage()
    })
  }
}
