// Comes before the sources of tfjs-node's addon: the sessions that it makes for graphs get the options below.
//
// TensorFlow's graph optimiser rewrites arithmetic, x / sqrt(y) into x * rsqrt(y) and (a * b) * c into a * (b * c), say,
// which changes last bits: a compiled step would drift away from an eager one. Its other passes stay on, such as those
// that fuse operations and choose layouts; and constants are folded all the same, with the kernels that would compute
// them in every run.

#pragma once

#include "tensorflow/c/c_api.h"

static TF_SessionOptions *SessionOptionsThatKeepArithmetic() {
  // A ConfigProto, by the numbers of its fields:
  // graph_options (10) { rewrite_options (10) { constant_folding (3): OFF (2), arithmetic_optimization (7): OFF } }
  static const unsigned char config[] = {10 << 3 | 2, 6, 10 << 3 | 2, 4, 3 << 3, 2, 7 << 3, 2};
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_Status *status = TF_NewStatus(); // of parsing these bytes, which succeeds
  TF_SetConfig(options, config, sizeof config, status);
  TF_DeleteStatus(status);
  return options;
}

#define TF_NewSessionOptions SessionOptionsThatKeepArithmetic
