// Threads that share out the tasks of one call: as many as TensorFlow has for the inside of an operation.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace metric_learning {

class WorkerPool {
public:
  /** The pool of this process. It is never taken down: at the end of a process its threads wait. */
  static WorkerPool &shared() {
    static WorkerPool *pool = new WorkerPool(wantedThreads());
    return *pool;
  }

  int threads() const { return static_cast<int>(workers.size()) + 1; }

  /**
   * Runs task(i, thread) for all i below `tasks`, in ascending order of their beginning, thread in [0, threads()).
   * Where another call is under way the caller does it all by itself.
   */
  void run(int tasks, const std::function<void(int task, int thread)> &task) {
    std::unique_lock<std::mutex> mine(callers, std::try_to_lock);
    if (!mine.owns_lock() || workers.empty() || tasks < 2) {
      for (int i = 0; i < tasks; i++) task(i, 0);
      return;
    }
    next.store(0);
    {
      std::lock_guard<std::mutex> lock(state);
      current = &task;
      count = tasks;
      busy.store(static_cast<int>(workers.size()));
      turn.fetch_add(1);
    }
    start.notify_all();
    take(task, tasks, 0);
    if (comesSoon([this] { return busy.load() == 0; })) return;
    std::unique_lock<std::mutex> lock(state);
    done.wait(lock, [this] { return busy.load() == 0; });
  }

private:
  explicit WorkerPool(int threads) {
    for (int thread = 1; thread < threads; thread++) {
      workers.emplace_back([this, thread] { work(thread); });
      workers.back().detach();
    }
  }

  static int wantedThreads() {
    const char *asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int given = asked ? std::atoi(asked) : 0;
    const int all = static_cast<int>(std::thread::hardware_concurrency());
    return given > 0 ? given : all > 0 ? all : 1;
  }

  /** Looks for a while whether something holds, before a thread is put to sleep: to wake it takes longer than most phases of an operation. */
  template <typename Holds> static bool comesSoon(const Holds &holds) {
    const auto start = std::chrono::steady_clock::now();
    do {
      for (int look = 0; look < 64; look++) {
        if (holds()) return true;
      }
      std::this_thread::yield();
    } while (std::chrono::steady_clock::now() - start < std::chrono::microseconds(100));
    return false;
  }

  void take(const std::function<void(int, int)> &task, int tasks, int thread) {
    for (int i = next.fetch_add(1); i < tasks; i = next.fetch_add(1)) task(i, thread);
  }

  void work(int thread) {
    for (long seen = 0;;) {
      const auto isAsked = [&] { return turn.load() != seen; };
      comesSoon(isAsked);
      std::unique_lock<std::mutex> lock(state);
      start.wait(lock, isAsked);
      seen = turn.load();
      const auto *task = current;
      const int tasks = count;
      lock.unlock();
      take(*task, tasks, thread);
      lock.lock();
      if (busy.fetch_sub(1) == 1) done.notify_one();
    }
  }

  std::vector<std::thread> workers;
  std::mutex callers, state;
  std::condition_variable start, done;
  std::atomic<int> next{0};
  const std::function<void(int, int)> *current = nullptr;
  int count = 0;
  std::atomic<int> busy{0};
  std::atomic<long> turn{0};
};

} // namespace metric_learning
