#include "yore/training/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace yore::training {

void use_one_thread() {
  at::set_num_threads(1);
  // Torch does not pass its limit on to OpenBLAS with its own threads (Debian's default build). Its setter is
  // looked up, not linked: another BLAS does not have it.
  if (void* symbol = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"); symbol != nullptr)
    reinterpret_cast<void (*)(int)>(symbol)(1);
}

}  // namespace yore::training
