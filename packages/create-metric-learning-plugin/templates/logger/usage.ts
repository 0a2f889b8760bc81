import { exampleLogger } from './example-logger.js'

const plugins = [exampleLogger({ file: 'runs/first/last.md' })] // new Trainer({ …, plugins })
console.log(plugins.map(({ name }) => name))
