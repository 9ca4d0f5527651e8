// next_logits MODEL float|double whole|steps TOKEN..: the logits of a model of next tokens at every token, as
// raw doubles; computed of the whole sequence, or token by token from a state.
#include <ATen/Functions.h>

#include <cstdio>
#include <string>
#include <vector>

#include "yore/model/checkpoint.h"

int main(int argc, char** argv) {
  using namespace yore;
  if (argc < 5) {
    std::fprintf(stderr, "usage: next_logits MODEL float|double whole|steps TOKEN..\n");
    return 2;
  }
  const arch::ModelFile file = arch::read_model(argv[1]);
  const model::Model model(file.model, std::nullopt,
                           argv[2] == std::string("double") ? at::kDouble : at::kFloat);
  model::from_arrays(file.weights, model.parameters(), argv[1]);
  const at::NoGradGuard no_gradients;
  std::vector<std::int32_t> tokens;
  for (int i = 4; i < argc; ++i) tokens.push_back(std::stoi(argv[i]));
  at::Tensor logits;
  if (argv[3] == std::string("whole")) {
    const std::vector<std::int64_t> starts = {0, static_cast<std::int64_t>(tokens.size())};
    logits = model.forward(model::pack(starts, tokens));
  } else {
    model::Model::State state = model.start(1);
    std::vector<at::Tensor> rows;
    for (const std::int64_t token : tokens) rows.push_back(model.advance(state, {{token}}));
    logits = at::cat(rows);
  }
  logits = logits.to(at::kDouble).contiguous();
  const auto count = static_cast<std::size_t>(logits.numel());
  return std::fwrite(logits.data_ptr<double>(), sizeof(double), count, stdout) == count ? 0 : 1;
}
