// How the text of an option becomes a value: what the library's own conversions take or say too freely.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace yore::cli {

/// What an option takes.
enum class ValueKind { Flag, Text, Integer, Unsigned, Real, Boolean };
ValueKind value_kind(const CLI::Option& option);
/// The option that sets a field: "--test-words" for test_words.
std::string option_name(std::string field);
/// Whether it takes any number of values.
bool takes_list(const CLI::Option& option);

/// The whole numbers that an option takes, for check_values() to hold it to.
void set_range(CLI::Option& option, std::int64_t low, std::int64_t high);
/// A check that takes these texts and refuses others with the nearest of them.
CLI::Validator one_of(const std::vector<std::string>& names);
/// A check that refuses an empty text, which names no file.
CLI::Validator a_path();
/// A check that refuses an empty text, which says nothing.
CLI::Validator a_text();
/// Words that an option may take beside others, or that its command holds it to later, for the shell's
/// completion to offer; and those words, separated by blanks.
void set_words(CLI::Option& option, const std::vector<std::string>& words);
std::string words_of(CLI::Option& option);
/// The same for the names of things in a table: set_words(option, tasks::task_infos(),
/// &tasks::TaskInfo::name).
template <class Things, class Name>
void set_words(CLI::Option& option, const Things& things, Name name) {
  std::vector<std::string> words;
  for (const auto& thing : things) words.emplace_back(std::invoke(name, thing));
  set_words(option, words);
}
/// What an option's number counts ("hours"), for check_values() to say.
void set_unit(CLI::Option& option, const std::string& unit);

/// Holds every option declared on `app` to the same rules:
/// * whole numbers are decimal digits (the library reads 010 as 8 and -1 as the largest unsigned number) and
///   in range, or refused with the range; other numbers are finite; true and false are spelt out;
/// * every value of a list is taken as it stands (the library takes "[a]" apart).
/// Call after declaring.
void check_values(CLI::App& app);

/// The arguments for the library with an empty value as an argument of its own: behind "--name=" it would
/// take the next argument for the value.
std::vector<std::string> with_empty_values(const CLI::App& app, const std::vector<std::string>& arguments);

/// What the library found wrong, as a sentence.
std::string explain(const CLI::ParseError& error);

}  // namespace yore::cli
