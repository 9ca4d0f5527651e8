// "Did you mean": the candidates closest to a misspelt name.
#pragma once
#include <string>
#include <vector>

namespace yore::base {

/// Candidates within a third of the word's length in edits (insert, delete, substitute, exchange neighbours),
/// or that begin with it, closest first, at most `limit`. Letter case is ignored.
std::vector<std::string> near_names(const std::string& word, const std::vector<std::string>& candidates,
                                    std::size_t limit = 3);

/// "; did you mean x, y or z?" for an error message; empty if nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace yore::base
