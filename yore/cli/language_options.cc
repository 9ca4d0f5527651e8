#include "yore/cli/language_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "yore/base/error.h"
#include "yore/tasks/task.h"

namespace yore::cli {

const char* const kLanguageHelp =
    "regex (default), or with a prefix regex:R, ltl:F, dfa:FILE (JSON or AT&T text), name:N (yore "
    "languages)";

namespace {

// A mistyped file's name would else be a pattern of its letters: no operator of patterns, and a slash or an
// extension of files that some command reads.
bool reads_like_a_path(const std::string& text) {
  if (text.find_first_of("()[]{}*+?|\\'^& :") != std::string::npos) return false;
  if (text.find('/') != std::string::npos) return true;
  constexpr const char* kExtensions[] = {".gguf", ".safetensors", ".json", ".att",
                                         ".toml", ".txt",         ".csv",  ".onnx"};
  return std::any_of(std::begin(kExtensions), std::end(kExtensions),
                     [&](const char* extension) { return text.ends_with(extension); });
}

}  // namespace

void LanguageOptions::declare(CLI::App& app) {
  const std::string group = "Language (exactly one)";
  app.add_option("LANGUAGE,--language", spec_, kLanguageHelp)->group(group);
  app.add_option("--regex", regex_, "A regular expression")->group(group);
  app.add_option("--ltl", ltl_,
                 "A past-LTL formula, read at the end of the word: P f (f held before), Y f (just before), "
                 "Y<=k f, f S g (f since g), Z f (Y f or first), O f (f or P f), H f (f so far), first, "
                 "pos=r/M, let x = f in g, ! & | -> <->; docs/theory.md has the table")
      ->group(group);
  app.add_option("--dfa", dfa_, "A file with an automaton: JSON or AT&T text")->group(group);
  app.add_option("--name", name_, "A language of the suite (yore languages lists them)")->group(group);
  app.add_option("--alphabet", alphabet,
                 "The alphabet: \"ab\", or names separated by commas; default: the letters that occur");
  max_states_option_ = app.add_option("--max-states", max_states, "Give up when an automaton grows past this")
                           ->check(CLI::PositiveNumber);
}

bool LanguageOptions::given() const {
  return spec_ || regex_ || ltl_ || dfa_ || name_;
}

void LanguageOptions::refuse_other_things() const {
  if (!spec_) return;
  for (const tasks::TaskInfo& info : tasks::task_infos())
    if (*spec_ == info.name)
      throw base::InputError(
          "language", fmt::format("{0} is a task; say --task {0} (or regex:{0} for the word)", *spec_));
  // A regex may happen to be a file's name; with a dot or a slash in it that is no accident.
  std::error_code ignored;
  if (spec_->find_first_of("./") != std::string::npos && std::filesystem::is_regular_file(*spec_, ignored))
    throw base::InputError(
        "language",
        fmt::format("{0} is a file; say dfa:{0} for an automaton, --task text:{0} for a text to learn "
                    "from (or regex:{0} for the pattern)",
                    *spec_));
}

base::Json LanguageOptions::given_settings() const {
  base::Json given = base::Json::object();
  if (alphabet) given["alphabet"] = *alphabet;
  if (max_states_option_->count() > 0) given["max_states"] = max_states;
  return given;
}

languages::Language LanguageOptions::read(bool quiet) const {
  const int count =
      spec_.has_value() + regex_.has_value() + ltl_.has_value() + dfa_.has_value() + name_.has_value();
  if (count == 0)
    throw base::InputError(
        "language",
        fmt::format("none given; expected one of LANGUAGE, --regex, --ltl, --dfa, --name; LANGUAGE is a {}",
                    kLanguageHelp));
  if (count > 1)
    throw base::InputError("language",
                           "several given; expected exactly one of LANGUAGE, --regex, --ltl, --dfa, --name");
  if (spec_ && !alphabet && reads_like_a_path(*spec_))
    throw base::InputError("language", fmt::format("{0} reads like a path, but no automaton or model is "
                                                   "named like this; say regex:{0} for the pattern",
                                                   *spec_));
  const std::string spec = spec_    ? *spec_
                           : regex_ ? "regex:" + *regex_
                           : ltl_   ? "ltl:" + *ltl_
                           : dfa_   ? "dfa:" + *dfa_
                                    : "name:" + *name_;
  languages::Language language = languages::read_language(spec, alphabet, max_states);
  if (!quiet && !language.note.empty()) fmt::print(stderr, "yore: note: {}\n", language.note);
  return language;
}

}  // namespace yore::cli
