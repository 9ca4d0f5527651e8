#include "yore/model/recogniser.h"

#include "yore/base/error.h"

namespace yore::model {
namespace {

int vocabulary_of(int letters) {
  if (letters < 1) throw base::InputError("model", "the alphabet has no letters");
  return letters + 1;
}

}  // namespace

Recogniser::Recogniser(const runs::ModelConfig& config, int letters, std::uint64_t seed, at::ScalarType type)
    : transformer_(config, vocabulary_of(letters)),
      read_out_(transformer_.add_linear("read_out", config.width, 1)) {
  transformer_.allocate(seed, type);
}

at::Tensor Recogniser::forward(const Input& input) const {
  return transformer_.apply(read_out_, transformer_.last_rows(input)).squeeze(1);
}

}  // namespace yore::model
