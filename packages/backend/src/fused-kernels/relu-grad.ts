import { FusedKernel } from '@metric-learning/ops'
import { singleOperation } from './single-operation.js'

/** {@link FusedKernel.reluGrad} by TensorFlow's ReluGrad, which takes relu's output as well as its input. */
export const reluGradConfig = singleOperation(FusedKernel.reluGrad, 'ReluGrad', ['dy', 'y'])

/** {@link FusedKernel.relu6Grad} by TensorFlow's Relu6Grad, of which the same is true. */
export const relu6GradConfig = singleOperation(FusedKernel.relu6Grad, 'Relu6Grad', ['dy', 'y'])
