// Points of k-means: less their mean, in a scale in which the longest has norm 1, and with a 1 behind.

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "workers.h"

namespace neighbours {

/**
 * @param values float32 [count][dim]
 * @param points where [x, 1] of each is written: float32 [count][dim + 1]
 * @param norms where ‖x‖² of each is written
 */
inline void readyRows(const float *values, size_t count, size_t dim, float *points, double *norms, size_t threads) {
  constexpr size_t SOME = 1024, WIDE = 16;
  std::vector<double> mean(dim, 0);
  // Each thread has columns of its own, so that sums are in the order of the rows.
  shareOut((dim + WIDE - 1) / WIDE, threads, [&](size_t part, size_t) {
    const size_t from = part * WIDE, to = std::min(dim, from + WIDE);
    for (size_t row = 0; row < count; row++) for (size_t i = from; i < to; i++) mean[i] += values[row * dim + i];
    for (size_t i = from; i < to; i++) mean[i] /= static_cast<double>(count);
  });
  const size_t parts = (count + SOME - 1) / SOME;
  std::vector<double> longest(parts, 0);
  shareOut(parts, threads, [&](size_t part, size_t) {
    for (size_t row = part * SOME, end = std::min(count, row + SOME); row < end; row++) {
      double sum = 0;
      for (size_t i = 0; i < dim; i++) sum += (values[row * dim + i] - mean[i]) * (values[row * dim + i] - mean[i]);
      longest[part] = std::max(longest[part], sum);
    }
  });
  const double most = *std::max_element(longest.begin(), longest.end());
  const double scale = most > 0 ? 1 / std::sqrt(most) : 1;
  shareOut(parts, threads, [&](size_t part, size_t) {
    for (size_t row = part * SOME, end = std::min(count, row + SOME); row < end; row++) {
      const float *from = values + row * dim;
      float *to = points + row * (dim + 1);
      double sum = 0;
      for (size_t i = 0; i < dim; i++) {
        to[i] = static_cast<float>((from[i] - mean[i]) * scale);
        sum += static_cast<double>(to[i]) * to[i];
      }
      to[dim] = 1;
      norms[row] = sum;
    }
  });
}

}  // namespace neighbours
