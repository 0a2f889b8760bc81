import { FusedKernel } from '@metric-learning/ops'
import { singleOperation } from './single-operation.js'

/** {@link FusedKernel.mulNoNan} by TensorFlow's MulNoNan, which tfjs has no name for. */
export const mulNoNanConfig = singleOperation(FusedKernel.mulNoNan, 'MulNoNan', ['x', 'y'])

/** {@link FusedKernel.divNoNan} by TensorFlow's DivNoNan; tfjs composes four operations. */
export const divNoNanConfig = singleOperation(FusedKernel.divNoNan, 'DivNoNan', ['x', 'y'])
