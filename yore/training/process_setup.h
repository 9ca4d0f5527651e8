// How a process that trains uses the machine.
#pragma once

namespace yore::training {

/// Limits this process's torch operations and its BLAS library (OpenBLAS where that is the one loaded) to one
/// thread: tiny matrices gain nothing from threads, a study fills the cores with runs instead, and a sum
/// split over threads would depend on their number. Also keeps freed memory for the next step (glibc):
/// handing it back and fetching it again costs a tenth of a step.
void use_one_thread();

}  // namespace yore::training
