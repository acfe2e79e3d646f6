// SPDX-License-Identifier: Apache-2.0
// The verifier of a PIN: the default cost, the cheapest that can be configured, and another common choice; by
// one thread and by two at a time.
#include <benchmark/benchmark.h>

#include "base/process_hardening.h"
#include "pin/pin_verifier.h"

namespace dialin {
namespace {

void hash(benchmark::State& state) {
  harden_process();
  const auto pin = Pin::parse("73519");
  const PinHashCost cost{.memory_kib = static_cast<unsigned>(state.range(0)),
                         .passes = static_cast<unsigned>(state.range(1))};
  for (auto _ : state) benchmark::DoNotOptimize(hash_pin(*pin, cost));
}
BENCHMARK(hash)
    ->ArgNames({"KiB", "passes"})
    ->Args({7168, 5})  // the default
    ->Args({19456, 2})
    ->Args({8, 1})
    ->ThreadRange(1, 2)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

void verify(benchmark::State& state) {
  harden_process();
  const auto pin = Pin::parse("73519");
  const Secret verifier = hash_pin(*pin, {});
  for (auto _ : state) benchmark::DoNotOptimize(verify_pin(*pin, verifier));
}
BENCHMARK(verify)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace dialin

BENCHMARK_MAIN();
