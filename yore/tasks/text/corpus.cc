#include "yore/tasks/text/corpus.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/text.h"
#include "yore/tasks/text/default_text.h"

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

std::string identity(std::string_view bytes) {
  return fmt::format("{} bytes, fnv1a {:016x}", bytes.size(), checksum(bytes));
}

/// The end of the last `mark` that ends at or before `at`; 0 if there is none.
std::size_t behind_last(std::string_view text, std::size_t at, std::string_view mark) {
  if (at < mark.size()) return 0;
  const std::size_t found = text.rfind(mark, at - mark.size());
  return found == std::string_view::npos ? 0 : found + mark.size();
}

}  // namespace

std::size_t cut_before(std::string_view text, std::size_t at, CutAt cut) {
  if (cut == CutAt::Byte || at >= text.size()) return std::min(at, text.size());
  std::size_t place = 0;
  if (cut == CutAt::Document)
    place = std::max(behind_last(text, at, "\n\n"), behind_last(text, at, "\n\r\n"));
  if (place == 0) place = behind_last(text, at, "\n");
  if (place == 0)
    for (const char* blank : {" ", "\t"}) place = std::max(place, behind_last(text, at, blank));
  if (place > 0) return place;
  while (at > 0 && base::continues(text[at])) --at;
  return at;
}

std::vector<std::string_view> between_blank_lines(std::string_view text) {
  std::vector<std::string_view> documents;
  std::size_t begin = 0;
  const auto end_document = [&](std::size_t end) {
    if (end > begin) documents.push_back(text.substr(begin, end - begin));
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    if (text.substr(at, end - at).find_first_not_of(" \t\r\n") == std::string_view::npos) {
      end_document(at);
      begin = end;
    }
    at = end;
  }
  end_document(text.size());
  return documents;
}

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
  for (const std::string& path : paths_) texts_.push_back(base::read_file(path));
  std::size_t for_training = training.size();
  if (training.empty()) {
    paths_.insert(paths_.begin(), kDefaultText);
    texts_.push_front(default_text());
    for_training = 1;
  }

  const auto keep = [&](std::size_t i, std::string_view part, const char* what, std::vector<Part>& parts) {
    parts.push_back({part, paths_[i]});
    if (part.size() >= 2) return;
    if (texts_[i].empty()) throw InputError(paths_[i], "is empty, expected a text");
    throw InputError(paths_[i],
                     fmt::format("has {}, of which {} {} for {}; expected at least 2, the second to be "
                                 "predicted from the first",
                                 base::counted(std::ssize(texts_[i]), "byte"), part.size(),
                                 part.size() == 1 ? "is" : "are", what));
  };
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const std::string_view text = texts_[i];
    identities_.push_back(identity(text));
    for (std::size_t j = 0; j < i; ++j)
      if (texts_[j] == texts_[i])
        throw InputError(paths_[i],
                         fmt::format("holds the same text as {}; expected each text once", paths_[j]));
    if (i >= for_training) {
      if (i < for_training + validation.size())
        keep(i, text, "validation", validation_);
      else
        keep(i, text, "test", test_);
      continue;
    }
    const std::size_t for_validation = share(text, files.validation_fraction),
                      for_test = share(text, files.test_fraction);
    const std::size_t rest = cut_before(text, text.size() - for_validation - for_test, files.cut),
                      last = cut_before(text, text.size() - for_test, files.cut);
    keep(i, text.substr(0, rest), "training", training_);
    if (files.validation_fraction > 0) keep(i, text.substr(rest, last - rest), "validation", validation_);
    if (files.test_fraction > 0) keep(i, text.substr(last), "test", test_);
  }
}

void Corpus::identify(const std::string& path, std::string_view bytes) {
  paths_.push_back(path);
  identities_.push_back(identity(bytes));
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
