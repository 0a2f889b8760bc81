import { timeConvolution } from '../doctor/time-convolution.js'
import { loadNativeBackend } from '../native/native-backend.js'
import { tensorflowLogsAreWanted } from '../native/tensorflow-logs.js'

const addon = process.argv[2]
if (addon === undefined) throw new Error('usage: smoke-test-program ADDON')
const { isUsingGpuDevice } = await loadNativeBackend(addon, tensorflowLogsAreWanted())
const milliseconds = await timeConvolution()
process.stdout.write(`${JSON.stringify({ device: isUsingGpuDevice ? 'GPU' : 'CPU', milliseconds })}\n`)
