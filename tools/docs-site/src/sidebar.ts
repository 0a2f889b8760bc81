import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { DefaultTheme } from 'vitepress'
import { stagedPages } from './stage.js'

type Item = DefaultTheme.SidebarItem

/** The pages by room. */
export const sidebar = (): DefaultTheme.SidebarItem[] => [
  { text: 'First hour', items: [item('first-hour/index'), ...['install', 'train', 'judge', 'own-data', 'own-loss', 'publish'].map((name) => item(`first-hour/${name}`))] },
  {
    text: 'Guides',
    collapsed: true,
    items: ['schemes', 'own-loop', 'large-batches', 'exchange', 'logging', 'health', 'experiments', 'backends', 'compiled-steps', 'profiling', 'scaling', 'checkpoint-format'].map(item),
  },
  { text: 'Questions', collapsed: true, items: folder('questions') },
  { text: 'Losses', collapsed: true, items: folder('losses') },
  { text: 'Miners', collapsed: true, items: folder('miners') },
  { text: 'Samplers', collapsed: true, items: folder('samplers') },
  { text: 'Distances', collapsed: true, items: folder('distances') },
  { text: 'Reducers', collapsed: true, items: folder('reducers') },
  { text: 'Regularizers', collapsed: true, items: folder('regularizers') },
  { text: 'Metrics', collapsed: true, items: [item('metrics'), ...folder('metrics')] },
  { text: 'Hooks', collapsed: true, items: folder('hooks') },
  { text: 'Options', collapsed: true, items: [item('options/index')] },
  { text: 'Coming from …', items: ['coming-from-pml', 'coming-from-oml', 'coming-from-tf-similarity', 'differences-from-pml', 'parity'].map(item) },
  { text: 'Errors', items: [item('errors')] },
  { text: 'Performance', collapsed: true, items: ['step-speed', 'loss-speed', 'miner-speed', 'evaluation-speed', 'large-batch-cost', 'benchmark', 'results'].map(item) },
  { text: 'Architecture', collapsed: true, items: ['architecture', 'stability', 'glossary', 'contributing'].filter(exists).map(item) },
  { text: 'Packages', collapsed: true, items: folder('packages') },
  { text: 'Plugins', collapsed: true, items: folder('plugins') },
  { text: 'Examples', collapsed: true, items: folder('examples') },
  { text: 'API', collapsed: true, items: existsSync(`${stagedPages}api`) ? folder('api') : [] },
]

/** All pages of a folder, its table of contents first. */
function folder(name: string): Item[] {
  const pages = existsSync(stagedPages + name) ? readdirSync(stagedPages + name).filter((file) => file.endsWith('.md')) : []
  const names = pages.map((file) => file.replace(/\.md$/, '')).sort((one, other) => Number(other === 'index') - Number(one === 'index') || one.localeCompare(other, 'en'))
  return names.map((page) => item(`${name}/${page}`))
}

const exists = (page: string): boolean => existsSync(`${stagedPages}${page}.md`)

/** A page by its heading. */
function item(page: string): Item {
  const [, title = page] = /^# (.+)$/m.exec(readFileSync(`${stagedPages}${page}.md`, 'utf8')) ?? []
  const plain = title.replaceAll('`', '').replace('@metric-learning/', '')
  return { text: page === 'api/index' ? 'All packages' : page.endsWith('/index') && page !== 'first-hour/index' ? `All ${plain.toLowerCase()}` : plain, link: `/${page.replace(/(^|\/)index$/, '$1')}` }
}

