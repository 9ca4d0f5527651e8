#include "yore/base/openblas.h"

#include <dlfcn.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include <array>
#include <cstdlib>

namespace yore::base {
namespace {

constexpr const char* kVariable = "OPENBLAS_CORETYPE";

// OpenBLAS's core types for x86-64 by the vectors that their sgemm computes with, for releases 0.3.21 to
// 0.3.29. A name that is missing here is a later one, chosen for a processor that its release knows.
constexpr std::array kNarrow = {"Prescott", "Core2",      "Penryn",       "Dunnington", "Nehalem",    "Atom",
                                "Athlon",   "Opteron",    "Opteron_SSE3", "Barcelona",  "Bobcat",     "Nano",
                                "Katmai",   "Coppermine", "Northwood",    "Banias",     "Sandybridge"};
constexpr std::array kAvx2 = {"Haswell", "Zen"};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  for (const char* known : names)
    if (name == known) return true;
  return false;
}

#ifdef __x86_64__
// The processor's family, as AMD and Intel number them.
unsigned family() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return 0;
  const unsigned base = a >> 8 & 0xF;
  return base == 0xF ? base + (a >> 20 & 0xFF) : base;
}
#endif

}  // namespace

Processor this_processor() {
  Processor result;
#ifdef __x86_64__
  __builtin_cpu_init();
  result.amd = __builtin_cpu_is("amd") != 0;
  result.avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  result.avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
                  __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                  __builtin_cpu_supports("avx512vl") != 0;
  result.halves = result.amd && family() < 26;
#endif
  return result;
}

std::optional<std::string> better_core_type(std::string_view chosen, const Processor& processor) {
  const bool narrow = is_one_of(chosen, kNarrow);
  if (!narrow && !is_one_of(chosen, kAvx2)) return std::nullopt;
  // Where vectors of 512 bits take two steps, those of 256 are as good: 0.3.21 by its own choice reached 84 %
  // of a Zen 4's peak. On a Zen 5, which takes one, it reached 46 %, and SkylakeX 85 % (docs/performance.md).
  if (processor.avx512 && !processor.halves) return "SkylakeX";
  if (!narrow || !processor.avx2) return std::nullopt;
  return processor.amd ? "Zen" : "Haswell";
}

std::optional<std::string> openblas_core_type() {
  // Never closed: its threads run.
  void* library = ::dlopen("libblas.so.3", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  void* symbol = ::dlsym(library, "openblas_get_corename");  // looked for in what it is linked with, too
  if (symbol == nullptr) return std::nullopt;
  const char* name = reinterpret_cast<const char* (*)()>(symbol)();
  if (name == nullptr) return std::nullopt;
  return name;
}

std::optional<CoreChoice> choose_openblas_core() {
  if (std::getenv(kVariable) != nullptr) return std::nullopt;
  const Processor processor = this_processor();
  if (!processor.avx2) return std::nullopt;
  const std::optional<std::string> chosen = openblas_core_type();
  if (!chosen) return std::nullopt;
  const std::optional<std::string> better = better_core_type(*chosen, processor);
  if (!better) return std::nullopt;
  ::setenv(kVariable, better->c_str(), 1);
  return CoreChoice{*chosen, *better};
}

}  // namespace yore::base
