export { table } from './loss-page.js'
export { mathBlock, MarkdownWriter } from './markdown.js'
export { partOptionDoc, type OptionDoc } from './option-doc.js'
