// The plug-in for studies of several languages: what each kind of model learnt of each, as one table, and
// which kind of attention every other model is most like.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "yore/study/plugin.h"

namespace yore::study {

namespace files {
inline constexpr const char* kLanguagesCsv = "languages.csv";  ///< a line a language and model
}  // namespace files

/// Languages by models. A cell is the mean of the goal over the test sets of a run that have both answers,
/// then over seeds.
struct LanguageTable {
  std::string goal;
  std::vector<std::string> languages, models;
  std::vector<bool> attention;             ///< a model each: whether its mixers are attention alone
  std::vector<std::vector<Spread>> cells;  ///< [language][model]
};

/// For each model that is not attention alone: its mean distance, over the languages measured with both, from
/// the nearest model of attention, and from the others. A sentence each.
std::vector<std::string> nearest_attention(const LanguageTable& table);

/// Applies where the axes are the language and one of the model's options.
std::unique_ptr<Plugin> languages_plugin(const StudyConfig& config);

}  // namespace yore::study
