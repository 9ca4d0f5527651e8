#include "yore/cli/tensor/model_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "yore/base/bounded_file.h"
#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/cli/tensor/token_text.h"
#include "yore/model/threads.h"

namespace yore::cli {
namespace {

constexpr std::size_t kLongestText = std::size_t{1} << 30;

}  // namespace

std::vector<std::int64_t> tokens_of_file(const model::SavedModel& saved, const std::filesystem::path& model,
                                         const std::string& file, const std::string& option,
                                         std::int64_t fewest, std::int64_t most) {
  std::string text = base::read_bounded_file(file == "-" ? "/dev/stdin" : file, kLongestText);
  if (saved.tokenizer.empty() && !saved.names.empty())
    while (text.ends_with('\n')) text.pop_back();
  std::vector<std::int64_t> tokens = TokenText(saved, model.string()).tokens(text, option, true);
  if (std::ssize(tokens) < fewest)
    throw base::InputError(option, fmt::format("{} has {}, expected at least {}", file,
                                               base::counted(std::ssize(tokens), "token"), fewest));
  tokens.resize(static_cast<std::size_t>(std::min(most, static_cast<std::int64_t>(std::ssize(tokens)))));
  return tokens;
}

void use_wanted_threads(int threads) {
  model::use_threads(threads > 0 ? threads
                                 : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
}

}  // namespace yore::cli
