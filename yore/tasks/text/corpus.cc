#include "yore/tasks/text/corpus.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/files.h"

namespace yore::tasks {
namespace {

using base::InputError;

std::vector<std::string> paths_of(const std::string& list, const char* option) {
  std::vector<std::string> paths;
  if (list.empty()) return paths;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (end == at)
      throw InputError(std::string("task text: ") + option, "expected a file between the commas", list, at);
    paths.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return paths;
}

std::size_t share(std::string_view text, double fraction) {
  return static_cast<std::size_t>(static_cast<double>(text.size()) * fraction);
}

}  // namespace

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t h = 0xCBF29CE484222325u;
  for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return h;
}

Corpus::Corpus(const CorpusFiles& files) {
  const std::vector<std::string> training = paths_of(files.training, "file"),
                                 validation = paths_of(files.validation, "validation"),
                                 test = paths_of(files.test, "test");
  for (const auto* list : {&training, &validation, &test})
    paths_.insert(paths_.end(), list->begin(), list->end());
  // Complete before any view of a text is taken.
  for (const std::string& path : paths_) texts_.push_back(base::read_file(path));

  const auto require_two = [&](std::size_t i, std::string_view part, const char* what) {
    if (part.size() >= 2) return;
    if (texts_[i].empty()) throw InputError(paths_[i], "is empty, expected a text");
    throw InputError(
        paths_[i], fmt::format("has {} byte{}, of which {} {} for {}; expected at least 2, the second to be "
                               "predicted from the first",
                               texts_[i].size(), texts_[i].size() == 1 ? "" : "s", part.size(),
                               part.size() == 1 ? "is" : "are", what));
  };
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const std::string_view text = texts_[i];
    identities_.push_back(fmt::format("{} bytes, fnv1a {:016x}", text.size(), checksum(text)));
    for (std::size_t j = 0; j < i; ++j)
      if (texts_[j] == texts_[i])
        throw InputError(paths_[i],
                         fmt::format("holds the same text as {}; expected each text once", paths_[j]));
    if (i >= training.size()) {
      const bool validates = i < training.size() + validation.size();
      require_two(i, text, validates ? "validation" : "test");
      (validates ? validation_ : test_).push_back(text);
      continue;
    }
    const std::size_t for_validation = share(text, files.validation_fraction),
                      for_test = share(text, files.test_fraction);
    const std::size_t rest = text.size() - for_validation - for_test;
    training_.push_back(text.substr(0, rest));
    require_two(i, training_.back(), "training");
    if (files.validation_fraction > 0) {
      validation_.push_back(text.substr(rest, for_validation));
      require_two(i, validation_.back(), "validation");
    }
    if (files.test_fraction > 0) {
      test_.push_back(text.substr(rest + for_validation));
      require_two(i, test_.back(), "test");
    }
  }
}

void Corpus::check_identities(const std::vector<std::string>& identities) const {
  if (identities.size() != identities_.size())
    throw InputError("task text", fmt::format("identity: expected one for each of {} files, found {}",
                                              identities_.size(), identities.size()));
  for (std::size_t i = 0; i < identities.size(); ++i)
    if (identities[i] != identities_[i])
      throw InputError(paths_[i], fmt::format("is not the text it was: expected {}, found {}", identities[i],
                                              identities_[i]));
}

}  // namespace yore::tasks
