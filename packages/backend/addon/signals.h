// Comes before the sources of tfjs-node's addon: as it is loaded, signals are kept off the stack of the thread that loads it, and off those of
// TensorFlow's threads, which are made later and inherit what is set here.
//
// The matrix products of oneDNN, which TensorFlow takes on processors with AVX, point the stack register at memory of the heap where rows are
// longer than 128. A signal that is handled meanwhile has its frame written there, over whatever lies below, and the process breaks sooner
// or later: at Ctrl-C, when the window of a terminal changes its size, when a child ends, and at each sample of a profiler.
//
// So signals to the process are left to other threads, of which Node has several; they do what there is to do in the event loop in any case. A profiler
// sends its signal to this very thread, with leave to take another stack, which it gets.

#pragma once

#include <csignal>
#include <initializer_list>
#include <pthread.h>
#include <sys/mman.h>

__attribute__((constructor)) static void KeepSignalsOffTheStack() {
  sigset_t signals;
  sigfillset(&signals);
  // What stands for a fault of this thread, and SIGPROF.
  for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) sigdelset(&signals, own);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  stack_t stack;
  if (sigaltstack(nullptr, &stack) != 0 || !(stack.ss_flags & SS_DISABLE)) return;
  stack.ss_size = 512 * 1024;
  stack.ss_sp = mmap(nullptr, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack.ss_flags = 0;
  // It stays as long as the thread.
  if (stack.ss_sp != MAP_FAILED) sigaltstack(&stack, nullptr);
}
