// Comes before the sources of tfjs-node's addon: a tensor made from a typed array gets memory of its own.
//
// The addon lends TensorFlow the array's memory where that happens to be aligned (about one small array in four; others are copied
// anyhow) and has the array let go by whoever gives up the tensor last. Where the value has become that of a variable of a session,
// those are TensorFlow's threads, several at a time, in the middle of a step: but Node's references may be deleted in JavaScript's
// thread only, and the process breaks sooner or later. And writing to the array would change the tensor, now and then.

#pragma once

#include <cstring>

#include "tensorflow/c/c_api.h"

static TF_Tensor *NewTensorOfOwnMemory(TF_DataType type, const int64_t *dims, int num_dims, void *data, size_t length,
                                       void (*letGo)(void *data, size_t length, void *of), void *of) {
  TF_Tensor *tensor = TF_AllocateTensor(type, dims, num_dims, length);
  if (length > 0) std::memcpy(TF_TensorData(tensor), data, length);
  letGo(data, length, of);
  return tensor;
}

#define TF_NewTensor NewTensorOfOwnMemory
