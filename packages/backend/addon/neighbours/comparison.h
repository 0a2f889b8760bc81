// References and queries of a search, in the scale in which they are multiplied.

#pragma once

#include <cmath>
#include <stdexcept>
#include <vector>

#include "exact-scores.h"
#include "products.h"
#include "workers.h"

namespace neighbours {

/**
 * With c the mean of the references, or near it,
 *
 *     -‖q - r‖² = 2 ((q - c) · (r - c) - ‖r - c‖² / 2) - ‖q - c‖²        q · r = (q - c) · (r - c) + c · (r - c) + q · c
 *
 * of which the last part is the same for all references of a query and left out: a score is a product of rows less the centre, and a bias of
 * the reference. Rows are scaled so that references have lengths about 1.
 */
class Side {
 public:
  Side() = default;

  Side(Measure measure, const Rows &given, size_t threads) : rows(given), lengths(given.rows), biases(given.rows) {
    std::vector<std::vector<double>> memory(threads, std::vector<double>(rows.dim));
    std::vector<double> longest(threads, 0), steepest(threads, 0);
    const size_t some = 256;
    shareOut((rows.rows + some - 1) / some, threads, [&](size_t part, size_t thread) {
      double *row = memory[thread].data();
      for (size_t at = part * some, end = std::min(rows.rows, at + some); at < end; at++) {
        rows.ready(at, row);
        double square = 0, product = 0;
        for (size_t i = 0; i < rows.dim; i++) {
          square += row[i] * row[i];
          product += row[i] * (rows.centre[i] * rows.scale);
        }
        lengths[at] = std::sqrt(square);
        biases[at] = measure == Measure::squaredEuclidean ? -square / 2 : product;
        longest[thread] = std::max(longest[thread], lengths[at]);
        steepest[thread] = std::max(steepest[thread], std::abs(biases[at]));
      }
    });
    for (size_t thread = 0; thread < threads; thread++) {
      mostLength = std::max(mostLength, longest[thread]);
      mostBias = std::max(mostBias, steepest[thread]);
    }
  }

  Rows rows{};
  /** ‖x‖ of each row. */
  std::vector<double> lengths;
  /** Of each row as a reference. */
  std::vector<double> biases;
  double mostLength = 0;
  double mostBias = 0;
};

/** References that are compared, as long as a search needs them. */
struct References {
  Measure measure;
  Side side;
  /** ‖c‖, in the scale of the rows. */
  double centreLength = 0;
};

/** Which reference each query is; -1, or nothing at all, for none. */
struct Itself {
  const int32_t *of = nullptr;
  int64_t at(size_t query) const { return of ? of[query] : -1; }
};

}  // namespace neighbours
