// Small models for the tests of this folder.
#pragma once
#include <gtest/gtest.h>

#include "yore/arch/test_descriptions.h"
#include "yore/base/random.h"
#include "yore/budget/harden.h"
#include "yore/model/checkpoint.h"
#include "yore/tasks/model_for.h"

namespace yore::budget {

/// Of the task marked_token; random weights, large enough that every head matters.
inline Subject some_subject(const std::string& mixer, std::uint64_t seed = 1, bool gates = false) {
  const base::Json description = tasks::complete_task({{"name", "marked_token"},
                                                       {"letters", 4},
                                                       {"classes", 2},
                                                       {"marks", 1},
                                                       {"train_min_length", 16},
                                                       {"train_max_length", 20},
                                                       {"test_lengths", {"16-20"}},
                                                       {"validation_sequences", 64},
                                                       {"test_sequences", 64}});
  const auto task = tasks::make_task(description);
  arch::ModelOptions options = arch::small_options();
  options.attention = arch::ModelOptions{}.attention;
  options.mixer = mixer;
  options.width = 12;
  options.layers = 2;
  options.strict = false;
  options.norm_place = "pre";
  model::Model model(tasks::model_for(options, *task),
                     model::gated_parameters(tasks::model_for(options, *task), seed));
  base::Random random(seed);
  const at::Tensor& flat = model.parameters().flat();
  for (std::int64_t i = 0; i < flat.numel(); ++i)
    flat.data_ptr<float>()[i] += static_cast<float>(0.3 * random.normal());
  Subject subject{model::to_file(model, description, task->token_names()), std::nullopt, "subject"};
  if (gates) {
    subject.gates = model::to_arrays(model.parameters());
    std::erase_if(subject.gates->arrays, [](const auto& array) { return !model::is_gate(array.first); });
  }
  return subject;
}

inline model::Input some_input() {
  return model::pack(std::vector<std::int64_t>{0, 5, 12},
                     std::vector<std::int32_t>{0, 4, 1, 6, 8, 2, 3, 3, 5, 7, 1, 8});
}

}  // namespace yore::budget
