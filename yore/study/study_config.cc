#include "yore/study/study_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "yore/base/error.h"
#include "yore/study/claim.h"
#include "yore/study/compiled.h"

namespace yore::study {
namespace {

using base::InputError;

Json classify_json(const expressivity::ClassifyOptions& o) {
  return {{"lookback", o.lookback},     {"max_monoid", o.max_monoid},      {"max_formula", o.max_formula},
          {"max_states", o.max_states}, {"max_types", o.max_types},        {"max_pairs", o.max_pairs},
          {"formulas", o.formulas},     {"witness_depth", o.witness_depth}};
}

// The name of a run's folder: letters, digits, dots and dashes only, so that it needs no quoting anywhere.
std::string folder_name(const std::string& attention, std::uint64_t seed) {
  std::string name = attention;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.')
      c = c == '*' ? 'x' : c == '+' ? '_' : '-';
  return fmt::format("{}-seed{}", name, seed);
}

}  // namespace

void validate(const StudyConfig& config) {
  if (config.attention.empty())
    throw InputError("attention", "no kind of attention given, expected at least one");
  std::set<std::string> added;
  for (const auto& kind : config.init) {
    if (kind != kCompiled && kind != kCompiledShape)
      throw InputError("init",
                       fmt::format("expected {} or {}; found \"{}\"", kCompiled, kCompiledShape, kind));
    if (!added.insert(kind).second) throw InputError("init", kind + " is named twice");
  }
  if (config.seeds.empty()) throw InputError("seeds", "no seed given, expected at least one");
  std::set<std::string> names;
  for (const auto& kind : config.attention) {
    mixers::parse_attention(kind, config.base.model.layers, config.base.model.heads);
    for (std::uint64_t seed : config.seeds)
      if (!names.insert(folder_name(kind, seed)).second)
        throw InputError("grid", fmt::format("{} with seed {} is named twice", kind, seed));
  }
  StudyConfig planned = config;
  if (!config.compiled_shape) planned.init.clear();  // it is the language's, which was not looked at yet
  for (const auto& run : plan(planned, {})) runs::validate(run.config);
}

Json to_json(const StudyConfig& config) {
  // What the runs get from the grid does not belong to what they share.
  Json run = runs::to_json(config.base);
  run["model"].erase("attention");
  run["training"].erase("seed");
  run["training"].erase("init");
  run["data"].erase("language");
  run["data"].erase("alphabet");
  Json json = {{"language", config.language.spec},
               {"title", config.language.title},
               {"alphabet", config.language.dfa.alphabet.names()},
               {"attention", config.attention},
               {"seeds", config.seeds},
               {"run", run},
               {"classify", classify_json(config.classify)}};
  if (!config.init.empty()) json["init"] = config.init;
  return json;
}

std::string Kind::title() const {
  return name == kCompiled        ? "trained from compiled"
         : name == kCompiledShape ? "trained in compiled shape"
                                  : name;
}

std::vector<Kind> kinds(const StudyConfig& config) {
  std::vector<Kind> all;
  for (const auto& attention : config.attention) {
    all.push_back({attention, config.base.model});
    all.back().model.attention = attention;
  }
  for (const auto& init : config.init) {
    if (!config.compiled_shape) throw std::logic_error("kinds: the compiled transformer's shape is missing");
    all.push_back({init, *config.compiled_shape, init == kCompiled ? "compiled" : "random"});
  }
  return all;
}

void claim_folder(const fs::path& folder, const StudyConfig& config) {
  claim(folder, files::kStudy, "study", to_json(config));
}

std::vector<PlannedRun> plan(const StudyConfig& config, const fs::path& folder) {
  std::vector<PlannedRun> runs;
  for (std::uint64_t seed : config.seeds)
    for (const Kind& kind : kinds(config)) {
      PlannedRun run{folder_name(kind.name, seed), kind.name, seed, config.base, {}};
      run.config.model = kind.model;
      run.config.training.seed = seed;
      run.config.training.init = kind.start;
      run.config.data.language = config.language.spec;
      run.config.data.alphabet = config.language.dfa.alphabet.text();
      run.folder = folder / files::kRuns / run.name;
      runs.push_back(std::move(run));
    }
  return runs;
}

}  // namespace yore::study
