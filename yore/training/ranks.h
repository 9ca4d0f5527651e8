// The processes that train one model together: each takes a part of every batch, and their gradients are
// added up (libtorch's c10d over Gloo). They are started by torchrun, by `yore launch` or by anything that
// sets the same variables: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace yore::training {

/// Another process of the run has ended, or cannot be reached any more.
class PeerLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The ranks of a run, 0 to size() - 1; what is called in one must be called in all, in the same order.
class Ranks {
 public:
  /// Those that the environment names, met at MASTER_ADDR:MASTER_PORT; null where WORLD_SIZE is absent or 1.
  /// Waits for all of them, at most `patience_seconds`. Throws InputError naming the variable for what is
  /// missing or no number, for a port in use and for ranks that do not come.
  static std::unique_ptr<Ranks> from_environment(double patience_seconds = 300);

  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// x (contiguous) becomes the sum of all ranks' x, the same bits in each. Throws PeerLost.
  virtual void add_up(at::Tensor x) = 0;
  /// x (contiguous) becomes that of rank 0. Throws PeerLost.
  virtual void share(at::Tensor x) = 0;
};

}  // namespace yore::training
