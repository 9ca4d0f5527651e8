// masked_self_attention MODEL STEP: one sentence through a one-layer model, step by step; each step is
// explained in docs/masked_self_attention.md, and so is how to train MODEL.
#include <fmt/core.h>

#include <exception>
#include <string>
#include <utility>

#include "lesson.h"

int main(int count, char** arguments) {
  const std::pair<std::string, void (*)(const Lesson&)> steps[] = {
      {"words", show_words},       {"scores", show_scores}, {"mask", show_mask},
      {"weights", show_weights},   {"values", show_values}, {"next", show_next},
      {"masks", show_masks},       {"steps", show_steps},   {"unmasked", show_unmasked},
      {"generate", show_generated}};
  const std::string step = count > 2 ? arguments[2] : "";
  try {
    if (step == "pictures" && count == 4) {
      write_pictures(begin(arguments[1]), arguments[3]);
      return 0;
    }
    if (count == 3)
      for (const auto& [name, show] : steps)
        if (name == step) {
          show(begin(arguments[1]));
          return 0;
        }
  } catch (const std::exception& refused) {
    fmt::print(stderr, "masked_self_attention: {}\n", refused.what());
    return 2;
  }
  fmt::print(stderr, "usage: masked_self_attention MODEL STEP, or MODEL pictures FOLDER; the steps are");
  for (const auto& [name, show] : steps) fmt::print(stderr, " {}", name);
  fmt::print(stderr, "\n");
  return 2;
}
