// Which of its kernels OpenBLAS computes with. It carries kernels for many processors ("core types":
// Prescott, Haswell, SkylakeX ..) and picks one as soon as it is loaded, by the processor's model number. A
// release older than the processor does not know that number and takes its oldest kernels, four to five times
// slower than the processor can: 0.3.21 of Debian 12 does so on Intel's Sapphire Rapids, and takes AMD's Zen
// 5 for a Zen, whose vectors are half as wide. The environment variable OPENBLAS_CORETYPE names another core
// type, but only to a program that is yet to be started, since OpenBLAS reads it while it is being loaded.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace yore::base {

/// What decides about core types.
struct Processor {
  bool amd = false;
  bool avx2 = false;    ///< with fused multiply-add
  bool avx512 = false;  ///< F, CD, BW, DQ and VL, as OpenBLAS's kernels for it need them
  bool halves = false;  ///< computes with vectors of 512 bits in two halves: AMD's before family 26 (Zen 5)
};

/// This one, as far as the operating system lets its vectors be used; nothing set if it is no x86-64.
Processor this_processor();

/// The core type that `processor` supports and that computes with wider vectors than `chosen`, OpenBLAS's own
/// choice; nothing if `chosen` is as good, or is no core type that this function knows.
std::optional<std::string> better_core_type(std::string_view chosen, const Processor& processor);

/// The core type chosen by the OpenBLAS that is libblas.so.3 on this machine, which it loads (3 ms); nothing
/// if another BLAS is, or none.
std::optional<std::string> openblas_core_type();

/// A choice made for OpenBLAS.
struct CoreChoice {
  std::string instead_of, taken;
};

/// Sets OPENBLAS_CORETYPE for the programs that this process starts or becomes, if OpenBLAS would choose
/// badly for itself. Returns what was chosen; nothing if OpenBLAS's own choice stands or the variable is set,
/// to whatever.
std::optional<CoreChoice> choose_openblas_core();

}  // namespace yore::base
