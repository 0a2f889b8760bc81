// Decodes the folder of its first argument into the cache of its second, and says when each file is.
import { imageFolder } from '../image-folder/image-folder.js'

const [root = '', cache = ''] = process.argv.slice(2)
await imageFolder({
  root,
  cache,
  imageSize: 64,
  onProgress: ({ step, done }) => {
    if (step === 'decoding') process.stdout.write(`${done}\n`)
  },
})
