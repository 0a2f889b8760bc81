// Work on several cores: a function that is called with each number once, by whichever thread is free.

#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace neighbours {

/**
 * Calls work(item, thread) for each item from 0. What it throws first is thrown here, after all threads have ended.
 *
 * @param threads at most; this one is the first of them
 */
template <typename Work>
void shareOut(size_t items, size_t threads, Work work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  auto loop = [&](size_t thread) {
    try {
      for (size_t item = next++; item < items; item = next++) work(item, thread);
    } catch (...) {
      std::lock_guard<std::mutex> lock(failing);
      if (!failure) failure = std::current_exception();
      next = items;
    }
  };
  std::vector<std::thread> others;
  // Where the system gives no more threads, those that there are do it.
  try {
    for (size_t thread = 1; thread < threads && thread < items; thread++) others.emplace_back(loop, thread);
  } catch (...) {
  }
  loop(0);
  for (auto &other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace neighbours
