// A model and a text that it reads, for commands that look inside or change one.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "yore/model/checkpoint.h"

namespace yore::cli {

/// The file's tokens, after what the tokenizer puts in front of a document, at most `most` of them; `file`
/// may be "-". Line breaks at the end of a text for a model whose tokens are letters do not count. Throws
/// InputError(`option`) for text that is no tokens of the model, or has less than `fewest`.
std::vector<std::int64_t> tokens_of_file(const model::SavedModel& saved, const std::filesystem::path& model,
                                         const std::string& file, const std::string& option,
                                         std::int64_t fewest, std::int64_t most);

/// All cores, or as many as were asked for.
void use_wanted_threads(int threads);

}  // namespace yore::cli
